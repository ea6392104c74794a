import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';

/**
 * Real interleavings with explicit steps: a connection of the test's own holds the row that both operations need, each
 * is started and seen to wait, and then the row is let go, so that they run into one another in a known order.
 */
export async function inThisOrder<First, Second>(options: {
  /** Sees and locks every row. */
  adminPool: Pool;
  /** Locks what both operations must wait for. */
  lock: { text: string; values: unknown[] };
  first: () => Promise<First>;
  second: () => Promise<Second>;
  /** How many sessions wait when both have begun. (Default: 2) */
  waiting?: number;
}): Promise<[PromiseSettledResult<First>, PromiseSettledResult<Second>]> {
  const { adminPool, lock } = options;
  const holder = await adminPool.connect();
  try {
    await holder.query('begin');
    await holder.query(lock.text, lock.values);
    const first = options.first();
    await untilWaiting(adminPool, 1);
    const second = options.second();
    await untilWaiting(adminPool, options.waiting ?? 2);
    await holder.query('commit');
    return await Promise.allSettled([first, second]);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

/** Waits until so many sessions of this database wait for a lock. Fails after five seconds. */
export async function untilWaiting(adminPool: Pool, count: number): Promise<void> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const { rows } = await adminPool.query<{ waiting: number }>(
      `select count(distinct locks.pid)::int as waiting
       from pg_locks as locks join pg_stat_activity as sessions on sessions.pid = locks.pid
       where not locks.granted and sessions.datname = current_database()`,
    );
    if ((rows[0]?.waiting ?? 0) >= count) return;
    if (performance.now() > deadline) throw new Error(`Only ${rows[0]?.waiting} of ${count} sessions wait for a lock`);
    await sleep(5);
  }
}

/** Deadlocks of this database so far. Each costs a second and a repetition, and shows two orders of locking. */
export async function countDeadlocks(adminPool: Pool): Promise<number> {
  const { rows } = await adminPool.query<{ deadlocks: number }>(
    `select pg_stat_clear_snapshot(),
       (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks`,
  );
  return rows[0]?.deadlocks ?? -1;
}

const GATE = 20_261_121;

/**
 * A gate in the middle of the engine's transaction: a fact whose `source_ref` is `held` has been read and decided, and
 * waits where it is written until the gate is opened. Shows what two transactions do that cannot see one another.
 */
export async function withGate<Result>(
  adminPool: Pool,
  work: (openGate: () => Promise<void>) => Promise<Result>,
): Promise<Result> {
  await adminPool.query(`
    create or replace function verve_private.test_gate() returns trigger language plpgsql as $$
    begin
      if new.source_ref = 'held' then perform pg_advisory_xact_lock_shared(${GATE}); end if;
      return new;
    end $$;
    grant execute on function verve_private.test_gate() to public;
    create or replace trigger test_gate before insert on verve.attribution_facts
      for each row execute function verve_private.test_gate()`);
  const keeper = await adminPool.connect();
  try {
    await keeper.query('select pg_advisory_lock($1)', [GATE]);
    return await work(async () => {
      await keeper.query('select pg_advisory_unlock($1)', [GATE]);
    });
  } finally {
    await keeper.query('select pg_advisory_unlock_all()');
    keeper.release();
    await adminPool.query('drop trigger test_gate on verve.attribution_facts');
  }
}
