// Imports waiting files in a process of its own, for tests that kill it. Settings come as JSON in the first argument:
// { appUrl, orgId, secret, aheadSeconds }. Says a line for each part of a file that is done.
import { runWaitingImports } from '../src/connectors/csv/run-stored-import.ts';
import { createVerve } from '../src/engine/verve.ts';
import { makePool } from '../src/server/pool.ts';

interface Settings {
  appUrl: string;
  orgId: string;
  secret: string;
  aheadSeconds: number;
}

const { appUrl, orgId, secret, aheadSeconds } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const pool = makePool({ connectionString: appUrl, max: 4, applicationName: 'verve test import' });
const verve = createVerve({ database: pool, secret, clock: () => new Date(Date.now() + aheadSeconds * 1000) });
const { record } = verve.imports.work;
verve.imports.work.record = async (session, done) => {
  await record(session, done);
  console.log(done.part);
};
await runWaitingImports(verve, { orgId });
await pool.end();
