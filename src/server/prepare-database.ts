import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { hasJobTables } from './jobs-repository.ts';
import { readMigrationFiles } from './migrate.ts';
import { listAppliedMigrations } from './migrations-repository.ts';
import { findRoleProblems } from './server-role.ts';

/** The database answers, and will not do however long one waits: somebody must act. */
export class DatabaseRefused extends Error {
  override readonly name = 'DatabaseRefused';
}

/** What `waitForDatabase` needs to know. */
export interface WaitForDatabase {
  readonly pool: Pool;
  readonly signal: AbortSignal;
  /** Told why we wait, once per reason. */
  readonly onWait: (reason: string) => void;
  /** (Default: 500) */
  readonly pollMs?: number;
}

/**
 * Waits until the database answers and has every migration that this program knows (a newer schema is fine: servers
 * are replaced one after another).
 * @throws {DatabaseRefused} when the role must not be used; the signal's reason when it is aborted.
 */
export async function waitForDatabase({ pool, signal, onWait, pollMs = 500 }: WaitForDatabase): Promise<void> {
  const newest = (await readMigrationFiles()).at(-1)?.version ?? 0;
  let told = '';
  for (;;) {
    signal.throwIfAborted();
    const reason = await findReasonToWait(pool, newest);
    if (reason === null) return;
    if (reason !== told) onWait(reason);
    told = reason;
    await sleep(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

async function findReasonToWait(pool: Pool, newest: number): Promise<string | null> {
  try {
    const applied = await listAppliedMigrations(pool);
    if ((applied.at(-1)?.version ?? 0) < newest) {
      return 'The database lacks migrations. Run "verve migrate" as the owner; the server goes on by itself.';
    }
    const problems = await findRoleProblems(pool);
    if (problems.length > 0) throw new DatabaseRefused(problems.join('\n'));
    if (!(await hasJobTables(pool))) {
      return 'The database lacks the scheduler’s tables. Run "verve migrate" as the owner; the server goes on by itself.';
    }
    return null;
  } catch (error) {
    if (error instanceof DatabaseRefused) throw error;
    const { code, message } = error as { code?: unknown; message: string };
    // Wrong password, unknown role or unknown database: waiting mends a migration that has yet to make them.
    return `The database does not answer (${typeof code === 'string' ? code : message}). Trying again.`;
  }
}
