// `npm run generate`: migrates a throw-away database and writes every generated file from it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { fromRoot, generatedFiles } from './generated-files.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'verve-generate-'));
const cluster = await startEmbeddedPostgres({ dataDir, isDurable: false });
const pool = makePool({ connectionString: cluster.url('owner'), max: 1 });
try {
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  for (const { path, make } of generatedFiles) {
    await writeFile(fromRoot(path), await make(pool));
    console.log(`wrote ${path}`);
  }
} finally {
  await pool.end();
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
}
