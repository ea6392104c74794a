import { expect, test } from 'vitest';
import { hostActor as actor } from '../src/engine/actor.ts';
import { testDatabase } from './harness.ts';
import { outcomeOf, person, type Scene, setScene, settled, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

const { adminPool } = await testDatabase();

async function merge({ orgId, one }: Scene, oldMemberId: string, newMemberId: string): Promise<string> {
  return (await one.attributions.relinkMember({ orgId, actor, oldMemberId, newMemberId })).outcome;
}

async function cases({ orgId }: Scene, kind: string) {
  const { rows } = await adminPool.query<{ id: string; status: string; code: string }>(
    'select id, status, code from verve.inbox_items where org_id = $1 and kind = $2',
    [orgId, kind],
  );
  return rows;
}

const tellOwnId = ({ orgId, one, mentorIds }: Scene, memberId: string) =>
  one.mentors.update({ orgId, actor, mentorId: mentorIds[0], change: { memberId } });

test.each([
  { oldId: 'credited', newId: 'own' },
  { oldId: 'own', newId: 'credited' },
])('a merge of $oldId into $newId that makes a mentor his own recruit asks a person', async ({ oldId, newId }) => {
  const scene = await setScene();
  await scene.confirm(scene.one, 'credited', { code: scene.codes[0] });
  await tellOwnId(scene, 'own');
  expect(await merge(scene, oldId, newId)).toBe('relinked');
  expect(await cases(scene, 'self_referral')).toMatchObject([{ status: 'open', code: scene.codes[0] }]);
  expect(await totalsOf(scene)).toEqual([1, 0]);
});

test('what waited under an id that turns out to be the mentor’s own credits nobody', async () => {
  const scene = await setScene();
  await scene.confirm(scene.one, 'waiting');
  await tellOwnId(scene, 'waiting');
  await scene.confirm(scene.one, 'registered', { kind: 'registered', code: scene.codes[0] });
  await merge(scene, 'waiting', 'registered');
  expect(await totalsOf(scene)).toEqual([0, 0]);
  expect(await cases(scene, 'self_referral')).toHaveLength(1);
  await expectAllZero(adminPool, scene.orgId);
});

test('a mentor who is told under an id of before the merge is known as the member that it has become', async () => {
  const scene = await setScene();
  await merge(scene, 'before', 'after');
  await tellOwnId(scene, 'before');
  for (const memberId of ['before', 'after']) {
    expect(await scene.confirm(scene.one, memberId, { code: scene.codes[0] })).toMatchObject({
      outcome: 'selfReferral',
    });
  }
  const made = await scene.one.mentors.create({
    orgId: scene.orgId,
    actor,
    displayName: 'Solveig Fjell',
    memberId: 'before',
  });
  if (made.outcome !== 'created') throw new Error(made.outcome);
  const { mentorId } = made.mentor;
  await scene.one.codes.getOrCreate({ orgId: scene.orgId, actor, mentorId });
  await scene.confirm(scene.one, 'third', { code: scene.codes[0] });
  await merge(scene, 'third', 'after');
  const move = { orgId: scene.orgId, actor, attributionId: await scene.attributionOf('after'), toMentorId: mentorId };
  expect(outcomeOf(await settled(scene.one.attributions.reassign({ ...move, reason: 'he says so' })))).toBe('conflict');
});

test('a row is reversed by its own id or not at all: never the one that stands for the member now', async () => {
  const scene = await setScene();
  const { orgId, one } = scene;
  const reverse = (attributionId: string) => settled(one.attributions.reverse({ orgId, actor, attributionId }));
  await scene.confirm(one, 'old', { code: scene.codes[0] });
  await scene.confirm(one, 'new', { code: scene.codes[1] });
  const ofOld = await scene.attributionOf('old');
  expect(await merge(scene, 'old', 'new')).toBe('conflict');
  expect(outcomeOf(await reverse(ofOld))).toBe('conflict');
  expect(await totalsOf(scene)).toEqual([1, 1]);

  await scene.confirm(one, 'moved', { code: scene.codes[0] });
  const moved = await scene.attributionOf('moved');
  const reason = 'they met at the fair';
  await one.attributions.reassign({ orgId, actor, attributionId: moved, toMentorId: scene.mentorIds[1], reason });
  expect(outcomeOf(await reverse(moved))).toBe('conflict');
  expect(await totalsOf(scene)).toEqual([1, 2]);
  expect(outcomeOf(await reverse(await scene.attributionOf('moved')))).toBe('reversed');
  expect(await totalsOf(scene)).toEqual([1, 1]);
});

test('the same case about two ids is one after the merge, and is decided for the member that they have become', async () => {
  const scene = await setScene();
  const { orgId, one, stage } = scene;
  const code = stage.cast.unknownCode;
  await scene.confirm(one, 'old', { code });
  await scene.confirm(one, 'new', { code });
  await merge(scene, 'old', 'new');
  const both = await cases(scene, 'unknown_code');
  expect(both.map((item) => item.status).sort()).toEqual(['open', 'resolved']);
  const inboxItemId = both.find((item) => item.status === 'open')?.id ?? '';
  const by = { how: 'attach', mentorId: scene.mentorIds[0] } as const;
  const resolved = await one.inbox.resolve({ orgId, actor: person(), inboxItemId, reason: 'he says so', by });
  expect(resolved).toMatchObject({ outcome: 'resolved', resolution: 'attached', fact: 'registered' });
  expect(await totalsOf(scene)).toEqual([1, 0]);
  await expectAllZero(adminPool, orgId);
});

test('a conflict that was open about the first id and names whom the second is credited to is the one that the merge opens', async () => {
  const scene = await setScene();
  const { one, codes } = scene;
  await scene.confirm(one, 'old', { code: codes[0] });
  await scene.confirm(one, 'new', { code: codes[1] });
  expect(await scene.confirm(one, 'old', { code: codes[1] })).toMatchObject({ outcome: 'conflict' });
  expect(await merge(scene, 'old', 'new')).toBe('conflict');
  const found = (await cases(scene, 'conflict')).map(({ status, code }) => ({ status, code }));
  expect(found).toHaveLength(2);
  expect(found).toContainEqual({ status: 'resolved', code: codes[1] });
  expect(found).toContainEqual({ status: 'open', code: codes[0] });
  await expectAllZero(adminPool, scene.orgId);
});

test('a conflict that a person had dismissed is asked again when a merge shows that both codes credit the member', async () => {
  const scene = await setScene();
  const { orgId, one, codes } = scene;
  await scene.confirm(one, 'new', { code: codes[1] });
  await scene.confirm(one, 'new', { code: codes[0] });
  const inboxItemId = (await cases(scene, 'conflict'))[0]?.id ?? '';
  await one.inbox.resolve({ orgId, actor: person(), inboxItemId, reason: 'an old form', by: { how: 'dismiss' } });
  await scene.confirm(one, 'old', { code: codes[0] });
  expect(await merge(scene, 'old', 'new')).toBe('conflict');
  expect(await cases(scene, 'conflict')).toMatchObject([{ id: inboxItemId, status: 'open', code: codes[0] }]);
  const { rows } = await adminPool.query(
    `select from verve.referral_events where org_id = $1 and type = 'inbox.opened' and data ->> 'inbox_item_id' = $2`,
    [orgId, inboxItemId],
  );
  expect(rows).toHaveLength(2);
});

test('a case settles itself when the merge shows that its member is credited', async () => {
  const scene = await setScene();
  await scene.confirm(scene.one, 'old', { code: scene.codes[0] });
  await scene.confirm(scene.one, 'new', { code: scene.stage.cast.unknownCode });
  await merge(scene, 'old', 'new');
  expect(await cases(scene, 'unknown_code')).toMatchObject([{ status: 'resolved' }]);
  expect(await totalsOf(scene)).toEqual([1, 0]);
  await expectAllZero(adminPool, scene.orgId);
});
