import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { fromRoot } from './generated-files.ts';
import { testDatabase } from './harness.ts';
import { system } from './harness-verve.ts';
import { runVerve, startProgram } from './programs.ts';
import { startDataverse } from './stand-ins/dataverse.ts';

const VERVE_SECRET = 'an-invented-secret-of-forty-characters-x';
const { adminPool, appUrl, pool } = await testDatabase();
const verve = createVerve({ database: pool, secret: VERVE_SECRET });
const dataverse = await startDataverse();
const folder = await mkdtemp(join(tmpdir(), 'verve-command-'));
const environment = { DATABASE_URL: appUrl, VERVE_SECRET, VERVE_DATAVERSE_HOSTS: dataverse.host };
afterAll(() => dataverse.close());

const fresh = async () => {
  const slug = `org-${randomUUID().slice(0, 8)}`;
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  return { orgId, slug, mentor: await addMentor(orgId) };
};
const file = async (content: string) => {
  const path = join(folder, `${randomUUID()}.txt`);
  await writeFile(path, content);
  return path;
};
const settings = (changes: object = {}) => ({
  environmentUrl: dataverse.url,
  authorityUrl: dataverse.url,
  tenantId: dataverse.tenantId,
  clientId: dataverse.clientId,
  table: 'hlf_membership',
  entitySet: 'hlf_memberships',
  id: 'hlf_membershipid',
  referralCode: 'hlf_referralcode',
  memberLookup: 'hlf_member',
  status: 'statuscode',
  statusMap: { '1': 'registered', '2': 'confirmed', '3': 'invalidated' },
  ...changes,
});

/** Runs a command with something on standard input. */
const runWithInput = async (args: string[], input: string) => {
  const program = startProgram([fromRoot('bin/verve.js'), ...args], environment);
  program.process.stdin?.end(input);
  return { code: await program.ended, output: program.output(), errors: program.errors() };
};

describe('from nothing to the first reconciled month', () => {
  test('by the commands of docs/dataverse.md', async () => {
    const { orgId, slug, mentor } = await fresh();
    for (let day = 1; day <= 28; day += 1) {
      const at = `2026-10-${String(day).padStart(2, '0')}T10:00:00Z`;
      const id = randomUUID();
      const row = {
        hlf_membershipid: id,
        hlf_referralcode: mentor.code,
        _hlf_member_value: randomUUID(),
        statuscode: 2,
      };
      dataverse.rows.set(id, { ...row, createdon: at, modifiedon: at });
    }
    const run = (...args: string[]) => runVerve([...args, '--organisation', slug], environment);

    expect((await run('dataverse', 'check')).errors).toContain('The organisation has no Dataverse');
    const path = await file(JSON.stringify(settings()));
    expect(await run('dataverse', 'set', path)).toMatchObject({ code: 0, output: expect.stringContaining('Stored') });
    expect((await run('reconcile')).errors).toContain('the client secret');
    const secret = await runWithInput(['dataverse', 'secret', '--organisation', slug], `${dataverse.clientSecret}\n`);
    expect(secret).toMatchObject({ code: 0 });
    const check = await run('dataverse', 'check');
    expect(check.output.match(/^✓/gm)).toHaveLength(5);
    expect(check.code).toBe(0);
    const key = JSON.parse((await run('dataverse', 'key', '--json')).output);
    expect(key).toMatchObject({ url: expect.stringContaining(`/api/v1/webhooks/membership/${slug}/dataverse`) });
    const first = await run('reconcile', '--json');
    expect(JSON.parse(first.output)).toMatchObject({
      outcome: 'succeeded',
      counts: { seen: 28, credited: 28, already_known: 0 },
    });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(28);
    const again = await run('reconcile', '--all');
    expect(again.output).toMatch(/credited +0\nalready known +28/);
  });

  test('a second settings file takes the place of the first in one step, with nothing of the first left', async () => {
    const { orgId, slug } = await fresh();
    const run = async (more: object) =>
      runVerve(['dataverse', 'set', await file(JSON.stringify(settings(more))), '--organisation', slug], environment);
    const changes = async () =>
      (
        await adminPool.query(`select from verve.audit_log where org_id = $1 and action = 'organisation.change'`, [
          orgId,
        ])
      ).rowCount;
    await run({ membershipType: 'hlf_type' });
    expect(await changes()).toBe(1);
    expect(await run({ statusMap: { '7': 'confirmed' } })).toMatchObject({ code: 0 });
    expect(await changes()).toBe(2);
    const { dataverse: stored } = (await verve.organisations.get({ orgId, actor: system })).settings;
    expect(stored).toMatchObject({ statusMap: { '7': 'confirmed' }, membershipType: null });
    expect(Object.keys(stored?.statusMap ?? {})).toEqual(['7']);
  });

  test('says what is wrong with a settings file, and with a configuration that does not work', async () => {
    const { slug } = await fresh();
    const run = (...args: string[]) => runVerve([...args, '--organisation', slug], environment);
    const bad = await file(JSON.stringify(settings({ environmentUrl: 'https://evil.example', status: 'a b' })));
    const refused = await run('dataverse', 'set', bad);
    expect(refused.code).toBe(3);
    expect(refused.errors).toMatch(/status must be a logical name/);
    await run('dataverse', 'set', await file(JSON.stringify(settings({ status: 'nosuchcolumn' }))));
    await runWithInput(['dataverse', 'secret', '--organisation', slug], dataverse.clientSecret);
    const check = await run('dataverse', 'check');
    expect(check.code).toBe(4);
    expect(check.output).toContain('✗ columns      Dataverse knows no column nosuchcolumn');
  });
});

describe('verve import', () => {
  test('previews, imports, writes a result for each line, and knows the file again', async () => {
    const { orgId, slug, mentor } = await fresh();
    const text = `medlemsnummer;vervekode;status;dato\n1;${mentor.code};bekreftet;20.10.2026\n2;${mentor.code};kanskje;20.10.2026\n`;
    const path = await file(text);
    const result = join(folder, `${slug}.csv`);
    const run = (...args: string[]) => runVerve(['import', path, '--organisation', slug, ...args], environment);

    const preview = await run('--dry-run');
    expect(preview.output).toContain('Dry run: nothing was written. 2 lines, 1 credited');
    expect((await creditsOf(orgId)).size).toBe(0);
    const real = await run('--result', result);
    expect(real).toMatchObject({ code: 4, output: expect.stringMatching(/1 +unknown_status/) });
    expect(await readFile(result, 'utf8')).toContain(`2;1;${mentor.code};confirmed;Confirmed and credited.`);
    const mapped = JSON.parse((await run('--map', 'kanskje=confirmed', '--json')).output);
    expect(mapped).toMatchObject({
      is_preview: false,
      counts: { seen: 2, credited: 1, already_known: 1 },
      results: { confirmed: 1, already_known: 1 },
    });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(2);
  });

  test('refuses a file it cannot read, and a file that is not there, with advice', async () => {
    const { slug } = await fresh();
    const run = (path: string) => runVerve(['import', path, '--organisation', slug], environment);
    expect(await run(await file('navn;e-post\n'))).toMatchObject({
      code: 3,
      errors: expect.stringContaining('remove column 1'),
    });
    const path = await file(`medlemsnummer;vervekode\n1;${randomUUID().slice(0, 10)}\n`);
    const nowhere = ['--status', 'confirmed', '--result', join(folder, 'missing', 'result.csv')];
    expect(await runVerve(['import', path, '--organisation', slug, ...nowhere], environment)).toMatchObject({
      code: 3,
      output: '',
      errors: expect.stringContaining('The folder of'),
    });
    expect(await run('/no/such/file.csv')).toMatchObject({
      code: 3,
      errors: expect.stringContaining('There is no file'),
    });
    expect(await run(folder)).toMatchObject({ code: 3, errors: expect.stringContaining('is a folder') });
  });
});
