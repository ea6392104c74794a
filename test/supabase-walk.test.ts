import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePool } from '../src/server/pool.ts';
import { findDeno, startDenoServer } from './deno.ts';
import { followPage, type Reader } from './follow-page.ts';
import { type FreshProject, makeFreshProject } from './fresh-project.ts';
import { findSupabase, runSupabase } from './supabase/command-line.ts';
import { ask } from './supabase/people.ts';
import { type SupabaseProject, startSupabaseProject } from './supabase/project.ts';

const [deno, supabase] = [await findDeno(), await findSupabase()];
for (const tool of [deno, supabase])
  if ('missing' in tool) console.warn(`docs/supabase.md is not followed: ${tool.missing}.`);

describe.skipIf('missing' in deno || 'missing' in supabase)('docs/supabase.md', () => {
  const userId = randomUUID();
  let project: SupabaseProject;
  let packed: FreshProject;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verve-reader-'));
    [project, packed] = await Promise.all([startSupabaseProject(), makeFreshProject()]);
    await project.platform.query(`alter role authenticator password 'authenticator'`);
  }, 180_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('can be followed from a project’s folder to a credit that the mentor reads', async () => {
    const reader: Reader = {
      folder,
      tarball: packed.tarball,
      environment: {},
      instead: async (command) => {
        if (command === 'supabase test db') return ''; // needs containers; test/supabase-postgres15.test.ts runs them
        if (command !== 'supabase db push') return null;
        const pushed = await runSupabase(
          'path' in supabase ? supabase.path : '',
          folder,
          project.ownerUrl,
          'db',
          'push',
        );
        expect(pushed).toMatchObject({ code: 0 });
        return '';
      },
    };
    await followPage('supabase.md', reader, ['1. Put it into the project']);
    await project.owner.query(`alter role verve_app password 'a long random one'`); // as section 2 says
    const appUrl = project.url('verve_app', encodeURIComponent('a long random one'));
    const { rows } = await project.owner.query(
      `select decrypted_secret as secret from vault.decrypted_secrets where name = 'verve_secret'`,
    );
    const environment = { DATABASE_URL: appUrl, VERVE_SECRET: rows[0].secret as string, MENTOR_USER_ID: userId };

    // What "supabase functions deploy" would take from the folder, but for the published package: here the packed one.
    const withPackage = { ...reader, environment };
    const section = '3. An organisation, a mentor, a credit';
    await packed.installInto(folder);
    await rm(join(folder, 'supabase/functions/verve/deno.json'));
    const server = await startDenoServer('path' in deno ? deno.path : '', folder, 'supabase/functions/verve/index.ts', {
      environment: { VERVE_DATABASE_URL: appUrl },
      mount: '/verve',
    });
    try {
      const told = { ...withPackage, environment: { ...environment, FUNCTION: server.url } };
      for (const { printed, expected } of await followPage('supabase.md', told, [section]))
        expect(printed).toBe(expected);
    } finally {
      server.stop();
    }

    const authenticator = makePool({ connectionString: project.url('authenticator', 'authenticator'), max: 1 });
    const claims = { sub: userId, role: 'authenticated', is_anonymous: false };
    const read = await ask(authenticator, { role: 'authenticated', claims }, 'select * from verve_api.my_recruits');
    await authenticator.end();
    expect(read).toMatchObject({ refusal: null, rows: [{ status: 'confirmed' }] });
  }, 180_000);
});
