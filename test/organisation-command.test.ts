import { randomUUID } from 'node:crypto';
import { access, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { system } from './harness-verve.ts';
import { runVerve } from './programs.ts';

const VERVE_SECRET = 'an-invented-secret-of-forty-characters-x';
const { adminPool, appUrl, pool } = await testDatabase();
const verve = createVerve({ database: pool, secret: VERVE_SECRET });
const environment = { DATABASE_URL: appUrl, VERVE_SECRET };
const folder = await mkdtemp(join(tmpdir(), 'verve-organisation-'));
const run = (...args: string[]) => runVerve(['organisation', ...args], environment);
const slugOf = () => `org-${randomUUID().slice(0, 8)}`;

test('create makes one with its administrator, list shows it, and a taken slug is refused', async () => {
  const slug = slugOf();
  const admin = randomUUID();
  const made = await run('create', '--slug', slug, '--name', 'Lydhør', '--admin', admin, '--json');
  expect(made.code).toBe(0);
  const { id: orgId } = JSON.parse(made.output);
  expect(await verve.roles.list({ orgId, actor: system })).toMatchObject([{ userId: admin, role: 'org_admin' }]);
  expect((await run('list')).output).toContain(`${orgId}  ${slug}`);
  expect(await run('create', '--slug', slug, '--name', 'Another')).toMatchObject({ code: 3, output: '' });
  expect((await run('create', '--slug', slug)).code).toBe(2);
  const another = slugOf();
  expect((await run('create', '--slug', another, '--name', 'A', '--admin', 'solveig')).code).toBe(2);
  expect(await verve.organisations.findIdBySlug(another)).toBeNull();
});

test('a command that was not told the organisation names those there are', async () => {
  const slugs = [slugOf(), slugOf()];
  for (const slug of slugs) await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  const { code, errors } = await runVerve(['sign-in-link'], environment);
  expect(code).toBe(2);
  expect(errors).toMatch(/^There are several organisations\. Say which: --organisation org-\w+ or --organisation org-/);
});

test('a link for the administrator, who is the only one; of several, the command names who there are', async () => {
  const slug = slugOf();
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  const link = (...args: string[]) =>
    runVerve(['sign-in-link', '--organisation', slug, '--json', ...args], environment);
  expect(JSON.parse((await link()).errors).error.message).toContain('--make-admin');
  const { user_id: first } = JSON.parse((await link('--make-admin')).output);
  expect(JSON.parse((await link()).output)).toMatchObject({ organisation: slug, user_id: first });
  const second = randomUUID();
  await verve.roles.grant({ orgId, actor: system, userId: second, role: 'org_admin' });
  const { code, errors } = await link();
  expect(code).toBe(2);
  const { message } = JSON.parse(errors).error;
  expect(message).toContain(`--user ${first}`);
  expect(message).toContain(`--user ${second}`);
  expect(JSON.parse((await link('--user', second)).output)).toMatchObject({ user_id: second });
});

test('link-domains sets the hosts of links, shows them, and refuses what is no host', async () => {
  const slug = slugOf();
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  expect((await run('link-domains', '--organisation', slug)).output).toContain('There are none');
  const set = await run('link-domains', 'verv.lydhor.no', 'lydhor.no', '--organisation', slug, '--json');
  expect(JSON.parse(set.output)).toEqual({ organisation_id: orgId, link_domains: ['verv.lydhor.no', 'lydhor.no'] });
  expect((await run('link-domains', '--organisation', slug)).output).toBe('verv.lydhor.no\nlydhor.no\n');
  expect((await run('link-domains', 'https://verv.lydhor.no/x', '--organisation', slug)).code).toBe(3);
  const { linkDomains } = await verve.organisations.get({ orgId, actor: system });
  expect(linkDomains).toEqual(['verv.lydhor.no', 'lydhor.no']);
});

test('offboard tells what would go, refuses half a confirmation, and then leaves nothing but the file', async () => {
  const slug = slugOf();
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  const preview = await run('offboard', '--organisation', slug, '--json');
  expect(JSON.parse(preview.output)).toMatchObject({ outcome: 'preview', rows: { badge_definitions: 4 } });
  expect((await run('offboard', '--organisation', slug, '--confirm', slug)).code).toBe(2);
  expect((await run('offboard', '--organisation', slug, '--confirm', 'another', '--without-export')).code).toBe(3);
  expect(await verve.organisations.listIds()).toContain(orgId);

  const file = join(folder, `${slug}.ndjson`);
  const misspelt = await run('offboard', '--organisation', slug, '--confirm', 'another', '--export-to', file);
  expect(misspelt).toMatchObject({ code: 3, errors: expect.stringContaining(slug) });
  await expect(access(file)).rejects.toThrow('ENOENT');
  const taken = join(folder, `${slug}-taken.ndjson`);
  await writeFile(taken, 'kept');
  const refused = await run('offboard', '--organisation', slug, '--confirm', slug, '--export-to', taken);
  expect(refused).toMatchObject({ code: 3, errors: expect.stringContaining('there already') });
  expect(await readFile(taken, 'utf8')).toBe('kept');
  const gone = await run('offboard', '--organisation', slug, '--confirm', slug, '--export-to', file, '--json');
  expect(gone.errors).toBe('');
  expect(JSON.parse(gone.output)).toMatchObject({ outcome: 'gone', organisation_id: orgId });
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ receipt: expect.any(String), rows: lines.length - 1 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { rows } = await adminPool.query('select id from verve.organisations where id = $1', [orgId]);
  expect(rows).toEqual([]);
});

test('offboard by id goes on with one that has begun to leave', async () => {
  const slug = slugOf();
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  await verve.offboarding.begin({ orgId, actor: system, confirm: slug, isWithoutExport: true });
  expect((await run('offboard', '--organisation', slug)).code).toBe(3);
  expect(JSON.parse((await run('offboard', '--organisation', orgId, '--json')).output)).toMatchObject({
    outcome: 'gone',
  });
});

test('export writes everything, and never over a file that is there', async () => {
  const slug = slugOf();
  await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  const file = join(folder, `${slug}.ndjson`);
  const first = await run('export', '--organisation', slug, '--to', file, '--json');
  expect(JSON.parse(first.output)).toMatchObject({ rows: expect.any(Number), receipt: expect.any(String), file });
  const again = await run('export', '--organisation', slug, '--to', file);
  expect(again).toMatchObject({ code: 3, errors: expect.stringContaining('Name another file') });
  // Also while the database keeps the export waiting: the command ends by itself.
  const busy = await adminPool.connect();
  await busy.query('begin; lock table verve.mentors in access exclusive mode');
  try {
    expect(await run('export', '--organisation', slug, '--to', file)).toMatchObject({ code: 3 });
  } finally {
    await busy.query('rollback');
    busy.release();
  }
  const nowhere = await run('export', '--organisation', slug, '--to', join(folder, 'missing', 'file.ndjson'));
  expect(nowhere).toMatchObject({ code: 3, errors: expect.stringContaining('Make it first') });
});
