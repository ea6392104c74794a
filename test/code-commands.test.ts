import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromRoot } from './generated-files.ts';
import { testDatabase } from './harness.ts';
import { system, testSecret, testVerve } from './harness-verve.ts';

interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

async function verveCommand(...args: string[]): Promise<Ran> {
  const { appUrl } = await testDatabase();
  const env = { PATH: process.env.PATH, DATABASE_URL: appUrl, VERVE_SECRET: testSecret };
  return new Promise((resolve) => {
    execFile(process.execPath, [fromRoot('bin/verve.js'), ...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('A key and a code are made, shown, replaced and ended from the command line', async () => {
  const slug = `t-${randomUUID()}`;
  const key = await verveCommand('key', 'create', '--organisation', slug, '--make', 'Lydhør', '--json');
  expect(key).toMatchObject({ exitCode: 0, stderr: '' });
  const { key: secret, organisation_id: orgId } = JSON.parse(key.stdout);
  const verve = await testVerve();
  expect(await verve.apiKeys.authenticate(secret)).toMatchObject({ orgId });

  const made = await verve.mentors.create({ orgId, actor: system, displayName: 'Solveig Fjell' });
  const mentorId = 'mentor' in made ? made.mentor.mentorId : '';
  const within = ['--organisation', slug, '--json'];
  const first = JSON.parse((await verveCommand('code', 'get', mentorId, ...within)).stdout);
  expect(first).toMatchObject({ outcome: 'created', mentor_id: mentorId, status: 'active' });
  const next = JSON.parse((await verveCommand('code', 'rotate', mentorId, ...within)).stdout);
  expect(next).toMatchObject({ previous_code: first.code, status: 'active' });
  const typed = `${next.code.slice(0, 5)}-${next.code.slice(5)}`.toLowerCase();
  const ended = JSON.parse((await verveCommand('code', 'invalidate', typed, '--reason', 'lost', ...within)).stdout);
  expect(ended).toMatchObject({ outcome: 'success', id: next.id, status: 'invalidated' });
  const again = JSON.parse((await verveCommand('code', 'invalidate', typed, ...within)).stdout);
  expect(again).toMatchObject({ outcome: 'already_inactive', id: next.id, status: 'invalidated' });
  const list = JSON.parse((await verveCommand('code', 'list', ...within)).stdout);
  expect(list.data.map((code: { code: string }) => code.code)).toEqual([next.code, first.code]);
  const erase = async () =>
    JSON.parse((await verveCommand('privacy', 'erase', '--mentor', mentorId, '--yes', ...within)).stdout);
  expect([await erase(), await erase()]).toEqual([{ outcome: 'erased' }, { outcome: 'already_erased' }]);
});

test('A refusal says what to do, in the exit code too', async () => {
  const slug = `t-${randomUUID()}`;
  await verveCommand('key', 'create', '--organisation', slug, '--make', 'Lydhør');
  const unknown = await verveCommand('code', 'show', '3PKCM-78AQ0', '--organisation', slug);
  expect(unknown).toMatchObject({ exitCode: 3, stdout: '' });
  expect(unknown.stderr).toContain('No such code');
  const scope = await verveCommand('key', 'create', '--organisation', slug, '--scope', 'everything');
  expect(scope.exitCode).toBe(2);
  expect(scope.stderr).toContain('codes:write');
  const nowhere = await verveCommand('code', 'list', '--organisation', 'no-such-organisation');
  expect(nowhere).toMatchObject({ exitCode: 3, stdout: '' });
});

test('Keys are listed without their secrets, and ended by id or by how they begin', async () => {
  const slug = `t-${randomUUID()}`;
  const make = async (...more: string[]) =>
    JSON.parse((await verveCommand('key', 'create', '--organisation', slug, '--json', ...more)).stdout);
  const leaked = await make('--make', 'Lydhør', '--name', 'Leaked');
  const kept = await make('--name', 'Kept');
  const listed = await verveCommand('key', 'list', '--organisation', slug, '--json');
  const keys: { id: string; name: string; prefix: string }[] = JSON.parse(listed.stdout).data;
  expect(keys.map(({ name }) => name)).toEqual(['Kept', 'Leaked']);
  for (const { key } of [leaked, kept]) expect(listed.stdout).not.toContain(key);

  const verve = await testVerve();
  const within = ['--organisation', slug, '--json'];
  const revoke = async (which: string) => {
    const ran = await verveCommand('key', 'revoke', which, ...within);
    return { exitCode: ran.exitCode, ...JSON.parse(ran.stdout || ran.stderr) };
  };
  expect(await revoke(leaked.key.slice(0, 12))).toMatchObject({ exitCode: 0, outcome: 'revoked', name: 'Leaked' });
  expect(await revoke(leaked.api_key_id)).toMatchObject({ exitCode: 0, outcome: 'already_revoked' });
  expect(await verve.apiKeys.authenticate(leaked.key)).toBeNull();
  expect(await verve.apiKeys.authenticate(kept.key)).not.toBeNull();
  expect((await verveCommand('key', 'list', '--organisation', slug)).stdout).toMatch(/Leaked .* revoked \d{4}-/);
  expect(await revoke('vrv_unknown0')).toMatchObject({ exitCode: 3, error: { code: 'not_found' } });

  const other = `t-${randomUUID()}`;
  await verveCommand('key', 'create', '--organisation', other, '--make', 'Fremmedlaget');
  const foreign = await verveCommand('key', 'revoke', kept.api_key_id, '--organisation', other);
  expect(foreign).toMatchObject({ exitCode: 3, stdout: '' });
  expect(await verve.apiKeys.authenticate(kept.key)).not.toBeNull();
});
