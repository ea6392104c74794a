import { expect, test } from 'vitest';
import { hostActor as actor } from '../src/engine/actor.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { enlistDatabase } from '../src/engine/database.ts';
import { testDatabase } from './harness.ts';
import { countDeadlocks, inThisOrder } from './interleave.ts';
import { type Scene, setScene, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

// Every writer locks in one order: references, sources, codes, attributions, the rest, totals. Two orders would show as
// deadlocks: each costs a second, and four in a row an error.

const { adminPool } = await testDatabase();

const say = ({ orgId }: Scene, engine: Scene['one'], facts: Fact[]) =>
  engine.attributions.applyFacts({ orgId, actor, facts });

test('facts that name merged ids in any order never wait for one another in a circle', async () => {
  const scene = await setScene();
  const { orgId, one } = scene;
  await scene.confirm(one, 'b', { code: scene.codes[0] });
  await one.attributions.relinkMember({ orgId, actor, oldMemberId: 'z', newMemberId: 'b' });
  const before = await countDeadlocks(adminPool);
  const confirmed = (memberId: string): Fact => ({ kind: 'confirmed', memberId, source: 'webhook' });
  const engines = Array.from({ length: 4 }, () => scene.stage.otherEngine());
  for (let round = 0; round < 15; round += 1) {
    const work = engines.map((engine, place) =>
      say(scene, engine, (place % 2 === 0 ? ['b', 'z'] : ['z']).map(confirmed)),
    );
    await Promise.all(work);
  }
  expect(await countDeadlocks(adminPool)).toBe(before);
});

test('a fact that waited for a merge begins again, so that it locks both ids in order', async () => {
  const scene = await setScene();
  const { orgId, one, other } = scene;
  const before = await countDeadlocks(adminPool);
  await scene.confirm(one, 'b', { code: scene.codes[0] });
  await scene.confirm(one, 'z', { code: scene.stage.cast.unknownCode });
  const third = scene.stage.otherEngine();
  const confirmed = (memberId: string): Fact => ({ kind: 'confirmed', memberId, source: 'webhook' });
  // The merge holds both ids and waits for a case of the first, while one fact waits for the first and two for both.
  const text = `select from verve.inbox_items where org_id = $1 and kind = 'unknown_code' for update`;
  const results = await inThisOrder({
    adminPool,
    lock: { text, values: [orgId] },
    first: () => one.attributions.relinkMember({ orgId, actor, oldMemberId: 'z', newMemberId: 'b' }),
    second: () => Promise.all([say(scene, other, [confirmed('z')]), say(scene, third, ['b', 'z'].map(confirmed))]),
    waiting: 3,
  });
  expect(results).toMatchObject([
    { value: { outcome: 'relinked' } },
    { value: [[{ outcome: 'alreadyConfirmed' }], [{ outcome: 'alreadyConfirmed' }, { outcome: 'alreadyConfirmed' }]] },
  ]);
  expect(await countDeadlocks(adminPool)).toBe(before);
});

test('a merge locks what was merged into its ids before, in one order with facts that name it', async () => {
  const scene = await setScene();
  const { orgId, one, other } = scene;
  const before = await countDeadlocks(adminPool);
  await scene.confirm(one, 'b', { code: scene.codes[0] });
  await scene.confirm(one, 'c');
  await one.attributions.relinkMember({ orgId, actor, oldMemberId: 'a', newMemberId: 'b' });
  const results = await inThisOrder({
    adminPool,
    lock: { text: `select from verve.sources where org_id = $1 and ref = 'c' for update`, values: [orgId] },
    first: () => one.attributions.relinkMember({ orgId, actor, oldMemberId: 'b', newMemberId: 'c' }),
    second: () => say(scene, other, [{ kind: 'reversed', memberId: 'a', source: 'webhook' }]),
  });
  expect(results).toMatchObject([{ value: { outcome: 'relinked' } }, { value: [{ outcome: 'reversed' }] }]);
  expect(await countDeadlocks(adminPool)).toBe(before);
  expect(await totalsOf(scene)).toEqual([0, 0]);
});

test('an act that waited for a merge, in a transaction of the host, locks both ids and goes on', async () => {
  const scene = await setScene();
  const { orgId, one, other } = scene;
  await scene.confirm(one, 'b', { code: scene.codes[0] });
  await scene.confirm(one, 'z', { code: scene.stage.cast.unknownCode });
  const { pool } = await testDatabase();
  const client = await pool.connect();
  const text = `select from verve.inbox_items where org_id = $1 and kind = 'unknown_code' for update`;
  await client.query('begin');
  const [, told] = await inThisOrder({
    adminPool,
    lock: { text, values: [orgId] },
    first: () => one.attributions.relinkMember({ orgId, actor, oldMemberId: 'z', newMemberId: 'b' }),
    second: () =>
      other
        .enlist(client)
        .attributions.applyFacts({ orgId, actor, facts: [{ kind: 'reversed', memberId: 'z', source: 'api' }] }),
  });
  await client.query('commit');
  client.release();
  expect(told).toMatchObject({ value: [{ outcome: 'reversed' }] });
  expect(await totalsOf(scene)).toEqual([0, 0]);
});

test('a deadlock of an engine that is enlisted in a transaction of ours runs that transaction again', async () => {
  const { database } = await testDatabase();
  const { orgId } = await setScene();
  const scope = { role: 'verve_engine', orgId } as const;
  let runs = 0;
  await database.transaction(scope, (session) => {
    const connection = {
      query: async ({ text, values }: { text: string; values?: unknown[] }) => ({
        rows: await session.query<unknown>(text, values ?? []),
        rowCount: null,
      }),
    };
    runs += 1;
    const asIfDeadlocked = `do $$ begin raise 'as if' using errcode = 'deadlock_detected'; end $$`;
    return enlistDatabase({ connection }).transaction(scope, (inner) =>
      inner.query(runs === 1 ? asIfDeadlocked : 'select'),
    );
  });
  expect(runs).toBe(2);
});

test.each([
  { size: 1, rounds: 10 },
  { size: 4, rounds: 15 },
])(
  'confirmations by reference and by code take the same registrations, $size at a time, without a circle',
  async ({ size, rounds }) => {
    const scene = await setScene();
    const before = await countDeadlocks(adminPool);
    const engines = Array.from({ length: 4 }, () => scene.stage.otherEngine());
    const names = Array.from({ length: 16 }, (_, place) => ({ code: scene.codes[place % 2] as string, place }));
    for (let round = 0; round < rounds; round += 1) {
      const refOf = (place: number) => `form-${round}-${place}`;
      await say(
        scene,
        scene.one,
        names.map(({ code, place }) => ({
          kind: 'registered',
          memberId: null,
          code,
          registrationRef: refOf(place),
          source: 'api',
        })),
      );
      const facts = names.map(({ code, place }): Fact => {
        // The last to register is the first to be confirmed.
        const registrationRef = place % 3 === 0 ? null : refOf(15 - place);
        return { kind: 'confirmed', memberId: `${round}-${place}`, code, registrationRef, source: 'webhook' };
      });
      await Promise.all(
        engines.map(async (engine, own) => {
          const mine = facts.filter((_, place) => place % 4 === own);
          while (mine.length > 0) await say(scene, engine, mine.splice(0, size));
        }),
      );
    }
    expect(await countDeadlocks(adminPool)).toBe(before);
    expect((await totalsOf(scene)).reduce((sum, total) => sum + total)).toBe(rounds * names.length);
    await expectAllZero(adminPool, scene.orgId);
  },
);
