import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPostgresBinaries } from '../src/server/postgres-binaries.ts';
import { choosePostgresLauncher } from '../src/server/postgres-launcher.ts';
import { makeDataDir } from './programs.ts';

const isRoot = process.getuid?.() === 0;
let closed: string;
let dataDir: string;

beforeEach(() => {
  ({ dataDir } = makeDataDir());
  closed = join(dataDir, 'closed');
  mkdirSync(closed, { recursive: true });
  chmodSync(closed, 0o700);
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

describe('the way to start PostgreSQL', () => {
  test.skipIf(isRoot)('is as ourselves where we are not root', async () => {
    const { initdb } = await findPostgresBinaries(dataDir);
    expect(choosePostgresLauncher(initdb, closed, null)).toMatchObject({ uid: process.getuid?.() });
  });

  test.runIf(isRoot)('leads root to another account, and through a folder that is closed to it', async () => {
    const { initdb } = await findPostgresBinaries(dataDir);
    expect(choosePostgresLauncher(initdb, closed, null).name).toMatch(/^(account with capability|user namespace)$/);
  });

  test.runIf(isRoot)('leads root to programs that lie in a closed folder, as in a clone below /root', async () => {
    const { initdb } = await findPostgresBinaries(dataDir);
    const copy = join(closed, 'native');
    execFileSync('cp', ['-a', dirname(dirname(initdb)), copy]);
    const launcher = choosePostgresLauncher(join(copy, 'bin', 'initdb'), closed, null);
    expect(launcher.name).toMatch(/^(account with capability|user namespace)$/);
  });

  test('refuses a cluster of an account that we cannot become, and says what to do', async () => {
    const { initdb } = await findPostgresBinaries(dataDir);
    expect(() => choosePostgresLauncher(initdb, closed, 54_321)).toThrow(
      isRoot ? /no other way works here.*DATABASE_URL/ : /belongs to another account \(uid 54321\).*VERVE_DATA_DIR/,
    );
  });
});
