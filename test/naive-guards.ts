import type { Pool, PoolClient } from 'pg';
import { untilWaiting } from './interleave.ts';

/**
 * Each guard of the confirming transaction in the variant that looks right and is not, run against PostgreSQL in the
 * one interleaving that shows it. Two connections, explicit steps, nothing left to chance: the record that the fault
 * exists, so that the test of the real guard is known to be able to fail.
 */

type Step = (a: PoolClient, b: PoolClient) => Promise<void>;

/** Runs the steps on two real connections over fresh tables of one schema, and reads the result. */
async function onTwoConnections<Result>(pool: Pool, arrange: string, steps: Step, read: string): Promise<Result> {
  const [a, b] = await Promise.all([pool.connect(), pool.connect()]);
  try {
    await a.query(`drop schema if exists naive cascade; create schema naive; ${arrange}`);
    await steps(a, b);
    return (await a.query(read)).rows[0] as Result;
  } finally {
    await a.query('drop schema if exists naive cascade');
    a.release();
    b.release();
  }
}

const CREDITS = `create table naive.credits (member text, mentor text, status text default 'confirmed');
  create table naive.awards (mentor text, threshold int);`;

/** Count, then award when the count *is* the threshold: two confirmations at once, from `start`. Returns the awards. */
export const countThenAward = async (pool: Pool, start: number, comparison: '=' | '>='): Promise<number> => {
  const confirm = async (client: PoolClient, member: string): Promise<void> => {
    await client.query('begin');
    await client.query(`insert into naive.credits values ('${member}', 'mentor')`);
  };
  const award = `insert into naive.awards select 'mentor', 5
    where (select count(*) from naive.credits where mentor = 'mentor') ${comparison} 5 on conflict do nothing`;
  const unique = comparison === '>=' ? 'create unique index on naive.awards (mentor, threshold);' : '';
  const steps: Step = async (a, b) => {
    await confirm(a, 'first');
    await confirm(b, 'second');
    await a.query(award); // neither sees the other's row
    await b.query(award);
    await a.query('commit');
    await b.query('commit');
  };
  const { awards } = await onTwoConnections<{ awards: number }>(
    pool,
    `${CREDITS}${unique} insert into naive.credits select 'earlier ' || n, 'mentor' from generate_series(1, ${start}) as n`,
    steps,
    'select count(*)::int as awards from naive.awards',
  );
  return awards;
};

/** Look whether the member has a credit, then insert one: two codes for one member at once. Returns the credits. */
export const lookThenInsert = async (pool: Pool): Promise<number> => {
  const insert = (mentor: string): string =>
    `insert into naive.credits select 'kari', '${mentor}' where not exists (select 1 from naive.credits where member = 'kari')`;
  const { credits } = await onTwoConnections<{ credits: number }>(
    pool,
    CREDITS,
    async (a, b) => {
      await a.query('begin');
      await b.query('begin');
      await a.query(insert('first mentor'));
      await b.query(insert('second mentor'));
      await a.query('commit');
      await b.query('commit');
    },
    `select count(*)::int as credits from naive.credits where member = 'kari'`,
  );
  return credits;
};

/** Insert and leave the decision to a unique violation: the loser's whole transaction is gone. Returns what it kept. */
export const catchUniqueViolation = async (pool: Pool): Promise<{ conflicts: number; error: string }> => {
  let error = 'none';
  const { conflicts } = await onTwoConnections<{ conflicts: number }>(
    pool,
    `${CREDITS} create unique index on naive.credits (member); create table naive.conflicts (member text)`,
    async (a, b) => {
      await a.query('begin');
      await a.query(`insert into naive.credits values ('kari', 'first mentor')`);
      await b.query('begin');
      const second = b.query(`insert into naive.credits values ('kari', 'second mentor')`).catch(() => {});
      await untilWaiting(pool, 1);
      await a.query('commit');
      await second;
      await b.query(`insert into naive.conflicts values ('kari')`).catch((failure: { code: string }) => {
        error = failure.code;
      });
      await b.query('commit');
    },
    'select count(*)::int as conflicts from naive.conflicts',
  );
  return { conflicts, error };
};

/** Read the state, decide, write: a confirmation and a reversal of the same member at once. Returns state and total. */
export const readThenWrite = async (pool: Pool): Promise<{ status: string; total: number }> =>
  onTwoConnections(
    pool,
    `create table naive.members (member text, status text); insert into naive.members values ('kari', 'pending');
     create table naive.totals (total int); insert into naive.totals values (0)`,
    async (a, b) => {
      await a.query('begin');
      await b.query('begin');
      const seenByA = (await a.query('select status from naive.members')).rows[0] as { status: string };
      const seenByB = (await b.query('select status from naive.members')).rows[0] as { status: string };
      // a confirms what it saw pending; b reverses what it saw pending, so there is no credit to take back.
      if (seenByA.status === 'pending') {
        await a.query(`update naive.members set status = 'confirmed'`);
        await a.query('update naive.totals set total = total + 1');
      }
      await a.query('commit');
      await b.query(`update naive.members set status = '${seenByB.status === 'confirmed' ? 'reversed' : 'rejected'}'`);
      if (seenByB.status === 'confirmed') await b.query('update naive.totals set total = total - 1');
      await b.query('commit');
    },
    'select status, total from naive.members, naive.totals',
  );

/** Read the total, add one in the program, write it: a lost update. Two credits at once; returns the total. */
export const readTotalThenSet = async (pool: Pool): Promise<number> => {
  const { total } = await onTwoConnections<{ total: number }>(
    pool,
    'create table naive.totals (total int); insert into naive.totals values (0)',
    async (a, b) => {
      const [seenByA, seenByB] = [
        await a.query('select total from naive.totals'),
        await b.query('select total from naive.totals'),
      ];
      await a.query('update naive.totals set total = $1', [(seenByA.rows[0] as { total: number }).total + 1]);
      await b.query('update naive.totals set total = $1', [(seenByB.rows[0] as { total: number }).total + 1]);
    },
    'select total from naive.totals',
  );
  return total;
};

/** Approve what is seen waiting, and credit: the same review approved by two people at once. Returns the total. */
export const approveWhatIsSeenWaiting = async (pool: Pool): Promise<number> => {
  const { total } = await onTwoConnections<{ total: number }>(
    pool,
    `create table naive.reviews (state text); insert into naive.reviews values ('waiting');
     create table naive.totals (total int); insert into naive.totals values (0)`,
    async (a, b) => {
      const look = async (client: PoolClient): Promise<boolean> =>
        (await client.query(`select from naive.reviews where state = 'waiting'`)).rows.length > 0;
      const waiting = [await look(a), await look(b)];
      for (const [index, client] of [a, b].entries()) {
        if (!waiting[index]) continue;
        await client.query(
          `begin; update naive.reviews set state = 'approved'; update naive.totals set total = total + 1; commit`,
        );
      }
    },
    'select total from naive.totals',
  );
  return total;
};

/** End the active code and make one, each caller as it sees it: two rotations at once. Returns the active codes. */
export const endThenMake = async (pool: Pool): Promise<number> => {
  const { active } = await onTwoConnections<{ active: number }>(
    pool,
    `create table naive.codes (n serial, status text); insert into naive.codes (status) values ('active')`,
    async (a, b) => {
      const rotate = async (client: PoolClient): Promise<void> => {
        await client.query(`update naive.codes set status = 'rotated' where status = 'active'`);
        await client.query(`insert into naive.codes (status) values ('active')`);
      };
      await a.query('begin');
      await b.query('begin');
      await a.query('select * from naive.codes');
      const first = rotate(a);
      await first;
      const second = rotate(b); // waits for a's row, then finds it no longer active, and cannot see a's new one
      await untilWaiting(pool, 1);
      await a.query('commit');
      await second;
      await b.query('commit');
    },
    `select count(*)::int as active from naive.codes where status = 'active'`,
  );
  return active;
};
