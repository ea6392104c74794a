import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Pool } from 'pg';
import { describeSchema } from '../describe-schema.ts';
import { findPendingMigrations, readMigrationFiles } from '../migrate.ts';
import { listAppliedMigrations } from '../migrations-repository.ts';
import { type Problem, problem, problemOf } from './problem.ts';

const MOST_LINES = 20;

/** Whether every migration of this program was applied, as it stands here, and no other. */
export async function checkMigrations(pool: Pool): Promise<Problem[]> {
  const files = await readMigrationFiles();
  const applied = await listAppliedMigrations(pool);
  try {
    const pending = findPendingMigrations(files, applied);
    return pending.map((name) => problem('migrations_behind', `${name} is not applied.`, 'Run "verve migrate".'));
  } catch (error) {
    return [problemOf('migrations_unusable', (error as Error).message)];
  }
}

/** Compares the live schema with sql/schema.sql, line by line. */
export async function checkDrift(pool: Pool): Promise<Problem[]> {
  const expected = await readFile(fileURLToPath(new URL('../../../sql/schema.sql', import.meta.url)), 'utf8');
  const live = await describeSchema(pool);
  if (live === expected) return [];
  const expectedLines = comparableLines(expected);
  const liveLines = comparableLines(live);
  const lines = [
    ...subtract(expectedLines, liveLines).map((line) => `missing here: ${line}`),
    ...subtract(liveLines, expectedLines).map((line) => `only here: ${line}`),
  ];
  if (lines.length > MOST_LINES) lines.splice(MOST_LINES, lines.length, `and ${lines.length - MOST_LINES} more lines`);
  const mend =
    'Put it back as the owner, as it stands in sql/schema.sql; an index of your own is better in a schema of your own.';
  return lines.map((line) => problem('schema_differs', line, mend));
}

/** Lines without what PostgreSQL's versions write differently: the table in front of a column's name. */
function comparableLines(schema: string): string[] {
  return schema
    .split('\n')
    .map((line) => line.replaceAll(/\b(?!verve|auth\.)[a-z_][a-z0-9_]*\.(?=[a-z_"])/g, '').trim());
}

/** The lines of `from` that `other` has fewer times. */
function subtract(from: readonly string[], other: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  return from.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
