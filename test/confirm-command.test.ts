import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { newMentor, system } from './harness-verve.ts';
import { startVerve } from './programs.ts';

const VERVE_SECRET = 'an-invented-secret-of-forty-characters-x';
const { appUrl, pool, adminPool } = await testDatabase();
const verve = createVerve({ database: pool, secret: VERVE_SECRET });

/** Runs `verve …` with this on its standard input. */
async function run(args: string[], input = '') {
  const program = startVerve(args, { DATABASE_URL: appUrl, VERVE_SECRET });
  program.process.stdin?.end(input);
  const code = await program.ended;
  return { code, output: program.output(), errors: program.errors() };
}

async function newCode(orgId: string, mentorId?: string) {
  const owner = mentorId ?? (await newMentor(verve, orgId));
  const given = await verve.codes.getOrCreate({ orgId, actor: system, mentorId: owner });
  if (!('code' in given)) throw new Error(given.outcome);
  return { mentorId: owner, code: given.code.code };
}

async function newOrganisation(settings: Record<string, unknown> = {}) {
  const slug = `t-${randomUUID().slice(0, 8)}`;
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  if (Object.keys(settings).length > 0) {
    await adminPool.query('update verve.organisations set settings = settings || $2 where id = $1', [orgId, settings]);
  }
  const within = ['--organisation', slug];
  const confirm = async (...args: string[]) => {
    const ran = await run(['confirm', ...args, ...within, '--json']);
    return { ...ran, data: ran.output === '' ? null : JSON.parse(ran.output) };
  };
  return { orgId, within, confirm };
}

test('A confirmation credits once, in any spelling of the code, and says so in words', async () => {
  const { orgId, within, confirm } = await newOrganisation();
  const { mentorId, code } = await newCode(orgId);
  const typed = `${code.slice(0, 5)}-${code.slice(5)}`.toLowerCase();
  const first = await run(['confirm', typed, '10293', ...within]);
  expect(first).toMatchObject({ code: 0, errors: '' });
  expect(first.output).toMatch(/^Credited\.\nmentor .*\nattribution .*\ntotal +1\nmilestones +1\n$/);
  expect(first.output).not.toContain('10293');
  const again = await confirm(code, '10293');
  expect(again).toMatchObject({ code: 0, data: { outcome: 'already_confirmed', mentor_id: mentorId } });
  expect(await verve.attributions.getTotalRecruitments({ orgId, actor: system, mentorId })).toBe(1);
});

test('Two commands at once credit the member once', async () => {
  const { orgId, confirm } = await newOrganisation();
  const { mentorId, code } = await newCode(orgId);
  const both = await Promise.all([confirm(code, '7'), confirm(code, '7')]);
  expect(both.map(({ data }) => data.outcome).sort()).toEqual(['already_confirmed', 'confirmed']);
  expect(await verve.attributions.getTotalRecruitments({ orgId, actor: system, mentorId })).toBe(1);
});

test('The member id can come from standard input, and leaves an entry on the audit log', async () => {
  const { orgId, within } = await newOrganisation();
  const { code } = await newCode(orgId);
  const ran = await run(['confirm', code, '-', ...within, '--json'], '10293\n');
  expect(ran).toMatchObject({ code: 0, errors: '' });
  const { rows } = await adminPool.query(
    `select payload ->> 'actor' as actor from verve.audit_log join verve.audit_payloads on audit_payloads.audit_id = audit_log.id
     where audit_log.org_id = $1 and action = 'attribution.confirm' and subject_id = $2`,
    [orgId, JSON.parse(ran.output).attribution_id],
  );
  expect(rows).toEqual([{ actor: 'system:command' }]);
  for (const input of ['', 'one\ntwo\n']) {
    expect(await run(['confirm', code, '-', ...within], input)).toMatchObject({ code: 2, output: '' });
  }
});

test('A registration is confirmed by its own id, and another organisation’s is not found', async () => {
  const { orgId, confirm } = await newOrganisation();
  const other = await newOrganisation();
  const { code } = await newCode(orgId);
  const registered = await verve.attributions.registerReferral({ orgId, actor: system, code });
  const attributionId = 'attributionId' in registered ? registered.attributionId : '';
  expect(await other.confirm(attributionId, '10293')).toMatchObject({ code: 3, data: null });
  const confirmed = await confirm(attributionId, '10293', '--at', '2026-11-01');
  expect(confirmed).toMatchObject({ code: 0, data: { outcome: 'confirmed', attribution_id: attributionId } });
});

test('A day is the organisation’s, and counts to its end, so that who registered on it came before', async () => {
  const { orgId, confirm } = await newOrganisation();
  const { code } = await newCode(orgId);
  await confirm(code, '10293', '--at', '2026-01-15');
  const { rows } = await adminPool.query(
    'select confirmed_at as "at" from verve.referral_attributions where org_id = $1',
    [orgId],
  );
  expect(rows).toEqual([{ at: new Date('2026-01-15T22:59:59.999Z') }]);
});

test('A member alone is kept, and credited by the registration that names the member', async () => {
  const { orgId, within, confirm } = await newOrganisation();
  const { mentorId, code } = await newCode(orgId);
  expect(await confirm('10293')).toMatchObject({ code: 0, data: { outcome: 'unmatched', inbox_kind: null } });
  await verve.attributions.registerReferral({ orgId, actor: system, code, memberId: '10293' });
  expect(await verve.attributions.getTotalRecruitments({ orgId, actor: system, mentorId })).toBe(1);
  const forgotten = await run(['confirm', code, ...within]);
  expect(forgotten).toMatchObject({ code: 3, output: '', errors: expect.stringContaining('Name the member too') });
});

test('What credits nobody says why, with exit code 4', async () => {
  const { orgId, within, confirm } = await newOrganisation();
  const [one, two] = [await newCode(orgId), await newCode(orgId)];
  await confirm(one.code, '1');
  expect(await confirm(two.code, '1')).toMatchObject({ code: 4, data: { outcome: 'conflict' } });
  expect(await confirm('0000000000', '2')).toMatchObject({ code: 4, data: { inbox_kind: 'unknown_code' } });
  const unknown = await run([
    'confirm',
    `${one.code.slice(0, 9)}${one.code.endsWith('0') ? '1' : '0'}`,
    '3',
    ...within,
  ]);
  expect(unknown).toMatchObject({ code: 4, output: expect.stringContaining('No such code in this organisation') });
  await verve.attributions.reverseRecruitment({ orgId, actor: system, memberId: '1' });
  expect(await confirm(one.code, '1', '--at', '2020-01-01')).toMatchObject({ code: 4 });
  await verve.privacy.eraseMember({ orgId, actor: system, memberId: '1' });
  expect(await confirm(one.code, '1', '--at', '2020-01-01')).toMatchObject({
    code: 4,
    data: { outcome: 'ignored_erased' },
  });
});

test('Where everything is reviewed, a confirmation waits', async () => {
  const { orgId, within } = await newOrganisation({ rules: { review: 'all' } });
  const { code } = await newCode(orgId);
  const waiting = await run(['confirm', code, '1', ...within]);
  expect(waiting).toMatchObject({ code: 0, output: expect.stringContaining('waits for review') });
});

test('A time that is none, or lies in the future, is refused before anything is done', async () => {
  for (const at of ['yesterday', '5', '2026-02-31', '2999-01-01']) {
    expect(await run(['confirm', '0000000000', '1', '--at', at])).toMatchObject({ code: 2, output: '' });
  }
});

test('Merged members are joined, from the command line or standard input, and again', async () => {
  const { orgId, within } = await newOrganisation();
  const [one, two] = [await newCode(orgId), await newCode(orgId)];
  const confirmed = (code: string, newMemberId: string) =>
    verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId });
  await confirmed(one.code, 'old');
  const relink = (args: string[], input = '') => run(['member', 'relink', ...args, ...within, '--json'], input);
  expect(await relink(['-', '-'], 'old\nnew\n')).toMatchObject({ code: 0, output: '{"outcome":"relinked"}\n' });
  expect(await relink(['old', 'new'])).toMatchObject({ code: 0, output: '{"outcome":"already_relinked"}\n' });
  expect(await confirmed(one.code, 'new')).toMatchObject({ outcome: 'alreadyConfirmed' });
  await confirmed(two.code, 'third');
  expect(await relink(['third', 'new'])).toMatchObject({ code: 4, output: '{"outcome":"conflict"}\n' });
  expect(await relink(['same', 'same'])).toMatchObject({ code: 3, output: '' });
  expect(await relink(['-', 'new'], '')).toMatchObject({ code: 2, output: '' });
});
