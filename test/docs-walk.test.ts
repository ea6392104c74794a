import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDeno } from './deno.ts';
import { followPage, type Reader } from './follow-page.ts';
import { type FreshProject, makeFreshProject, run } from './fresh-project.ts';
import { fromRoot } from './generated-files.ts';
import { makeTestDatabase, type TestDatabase } from './harness.ts';
import { testSecret } from './harness-verve.ts';

let packed: FreshProject;
beforeAll(async () => {
  packed = await makeFreshProject();
}, 180_000);

/** A reader in an empty folder with an empty database, which the page has to migrate. */
async function newReader(environment: Record<string, string> = {}): Promise<Reader & { database: TestDatabase }> {
  const folder = await mkdtemp(join(tmpdir(), 'verve-reader-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const database = await makeTestDatabase({ template: null });
  return {
    folder,
    database,
    tarball: packed.tarball,
    environment: {
      VERVE_ADMIN_DATABASE_URL: database.adminUrl,
      DATABASE_URL: database.appUrl,
      VERVE_SECRET: testSecret,
      PORT: String(await findFreePort()),
      ...environment,
    },
    // The reader has psql; a machine that tests need not have it.
    instead: async (command) => {
      const sql = /^psql "\$VERVE_ADMIN_DATABASE_URL" -c '([\s\S]*)'$/.exec(command)?.[1];
      if (sql === undefined) return null;
      await database.adminPool.query(sql);
      return '';
    },
  };
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Follows a page to its end: something was printed, and everywhere it was what the page says. */
async function expectToHold(page: string, reader: Reader, sections?: readonly string[]): Promise<void> {
  const compared = await followPage(page, reader, sections);
  expect(compared.length).toBeGreaterThan(0);
  for (const { printed, expected } of compared) expect(printed).toBe(expected);
}

describe('docs/mounting.md can be followed from an empty folder to a credit', () => {
  const install = 'Install and migrate';

  test('in Hono and in Express', async () => {
    await expectToHold('mounting.md', await newReader(), [install, 'Hono', 'Express']);
  });

  test('in Next, built and started', async (context) => {
    const versions = { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' };
    const known = await run('npm', ['view', `next@${versions.next}`, 'version'], packed.folder);
    if (known.code !== 0 || known.output.trim() === '') return context.skip('the registry has no Next');
    await expectToHold('mounting.md', { ...(await newReader()), versions }, [install, 'Next']);
  }, 400_000);
});

test('docs/library.md can be followed from an empty folder to a credit, in JavaScript and TypeScript', async () => {
  const reader = await newReader();
  await expectToHold('library.md', reader);
  const options = ['--strict', '--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions'];
  const types = ['--typeRoots', 'node_modules/@types', '--types', 'node', '--skipLibCheck', 'false'];
  const tsc = [fromRoot('node_modules/typescript/bin/tsc'), '--noEmit', ...options, ...types];
  const checked = await run(process.execPath, [...tsc, 'place-order.ts', 'shop.ts'], reader.folder);
  expect(checked.output).toBe('');
});

test('docs/http-api.md: the typed client goes from an empty folder to a credit', async () => {
  await expectToHold('http-api.md', await newReader(), ['A typed client']);
});

test('docs/observability.md can be followed from an empty folder to a traced credit', async () => {
  await expectToHold('observability.md', await newReader(), ['Traces']);
});

const deno = await findDeno();
if ('missing' in deno) console.warn(`docs/deno.md is not followed: ${deno.missing}.`);

test.skipIf('missing' in deno)('docs/deno.md can be followed from an empty folder to a credit', async () => {
  await expectToHold('deno.md', await newReader({ PATH: 'path' in deno ? dirname(deno.path) : '' }));
});
