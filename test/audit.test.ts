import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verify } from '../src/engine/verification/service.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { asPerson, organisationWithMentor, system, testVerve } from './harness-verve.ts';

// The chain over the audit log: sealed in the background, verifiable after erasures, and unable to fork or be altered unseen.

const { adminPool, database } = await testDatabase();
let verve: Verve;
let orgId: string;

beforeAll(async () => {
  verve = await testVerve();
});
beforeEach(async () => {
  ({ orgId } = await organisationWithMentor(verve));
});

/** Writes this many more entries. */
async function write(count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    await verve.branches.create({ orgId, actor: system, name: randomUUID() });
  }
}

async function log(): Promise<{ id: string; position: number | null; action: string }[]> {
  const { rows } = await adminPool.query(
    `select id, chain_position::int as position, action from verve.audit_log where org_id = $1 order by seq`,
    [orgId],
  );
  return rows;
}

async function differences(): Promise<{ subject: string; storedIn: string }[]> {
  const { differences: found } = await verify(database, orgId);
  return found.filter(({ check }) => check === 'audit').map(({ subject, storedIn }) => ({ subject, storedIn }));
}

/** As somebody who has the owner's password and takes the triggers away first. */
async function tamper(statement: string, values: unknown[]): Promise<void> {
  const client = await adminPool.connect();
  try {
    await client.query('begin');
    await client.query('alter table verve.audit_log disable trigger user');
    await client.query(statement, values);
    await client.query('alter table verve.audit_log enable trigger user');
    await client.query('commit');
  } finally {
    client.release();
  }
}

describe('sealing', () => {
  test('chains entries in the order of writing, and is safe to repeat', async () => {
    await write(3);
    const waiting = (await log()).length;
    expect(await verve.audit.seal({ orgId })).toEqual({ sealed: waiting });
    expect((await log()).map(({ position }) => position)).toEqual(Array.from({ length: waiting }, (_, at) => at + 1));
    expect(await verve.audit.seal({ orgId })).toEqual({ sealed: 0 });
    await write(1);
    expect(await verve.audit.seal({ orgId })).toEqual({ sealed: 1 });
    expect(await differences()).toEqual([]);
  });

  test('goes on over more entries than one transaction takes', async () => {
    const values = [orgId];
    await adminPool.query(
      `with entries as (
        insert into verve.audit_log (org_id, action, subject_type, payload_digest)
        select $1, 'branch.create', 'branch', '\\x00' from generate_series(1, 1201) returning 1) select count(*) from entries`,
      values,
    );
    expect((await verve.audit.seal({ orgId })).sealed).toBeGreaterThanOrEqual(1201);
    expect(await differences()).toEqual([]);
  });

  test('by many servers at once makes one chain', async () => {
    await write(40);
    const others = await Promise.all(Array.from({ length: 6 }, () => testVerve()));
    const sealing = Promise.all(others.flatMap((one) => [one.audit.seal({ orgId }), one.audit.seal({ orgId })]));
    await write(5);
    const sealed = (await sealing).reduce((sum, one) => sum + one.sealed, (await verve.audit.seal({ orgId })).sealed);
    const entries = await log();
    expect(sealed).toBe(entries.length);
    expect(entries.map(({ position }) => position).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: entries.length }, (_, at) => at + 1),
    );
    expect(await differences()).toEqual([]);
  });

  test('leaves another organisation’s entries alone', async () => {
    const other = await organisationWithMentor(verve);
    await verve.audit.seal({ orgId });
    const { rows } = await adminPool.query(
      'select count(*)::int as sealed from verve.audit_log where org_id = $1 and chain_digest is not null',
      [other.orgId],
    );
    expect(rows).toEqual([{ sealed: 0 }]);
  });
});

describe('an entry', () => {
  test('is not there when the act was rolled back', async () => {
    await verve.branches.create({ orgId, actor: system, name: 'Bergen' });
    const before = await log();
    await expect(verve.branches.create({ orgId, actor: system, name: 'Bergen' })).rejects.toThrow();
    expect(await log()).toEqual(before);
  });

  test('cannot be changed or deleted by the engine, sealed or not', async () => {
    await verve.audit.seal({ orgId });
    await write(1);
    const asEngine = (statement: string) =>
      database.transaction({ role: 'verve_engine', orgId }, (session) => session.query(statement));
    for (const statement of [
      `update verve.audit_log set action = 'branch.change'`,
      `update verve.audit_log set payload_digest = '\\x00' where chain_digest is null`,
      `update verve.audit_log set chain_digest = '\\x00' where chain_digest is not null`,
      'delete from verve.audit_payloads; delete from verve.audit_log',
    ]) {
      await expect(asEngine(statement), statement).rejects.toThrow();
    }
    expect(await differences()).toEqual([]);
  });

  test('names who acted, in the part that can be erased', async () => {
    const actor = asPerson('org_admin');
    await verve.branches.create({ orgId, actor, name: 'Bergen' });
    const { rows } = await adminPool.query(
      `select payload ->> 'actor' as actor, log::text as entry from verve.audit_payloads
      join verve.audit_log as log on log.id = audit_id where log.org_id = $1 order by log.seq desc limit 1`,
      [orgId],
    );
    const userId = actor.kind === 'person' ? actor.userId : '';
    expect(rows[0].actor).toBe(`person:${userId}`);
    expect(rows[0].entry).not.toContain(userId);
  });
});

describe('verification', () => {
  beforeEach(async () => {
    await write(4);
    await verve.audit.seal({ orgId });
  });

  test('holds after payloads were erased', async () => {
    await adminPool.query('delete from verve.audit_payloads where org_id = $1', [orgId]);
    await write(1);
    await verve.audit.seal({ orgId });
    expect(await differences()).toEqual([]);
  });

  test.each([
    ['another action', `update verve.audit_log set action = 'branch.change' where id = $1`],
    ['another subject', 'update verve.audit_log set subject_id = null where id = $1'],
    ['another time', `update verve.audit_log set occurred_at = occurred_at - interval '1 day' where id = $1`],
    ['another digest', `update verve.audit_log set payload_digest = sha256('forged') where id = $1`],
  ])('finds an entry with %s', async (_, statement) => {
    const entry = (await log())[2];
    await tamper(statement, [entry?.id]);
    expect(await differences()).toContainEqual({ subject: entry?.id, storedIn: 'audit_log' });
  });

  test('finds that an entry is missing, by the one after it', async () => {
    const entries = await log();
    await adminPool.query('delete from verve.audit_payloads where audit_id = $1', [entries[2]?.id]);
    await tamper('delete from verve.audit_log where id = $1', [entries[2]?.id]);
    expect(await differences()).toContainEqual({ subject: entries[3]?.id, storedIn: 'audit_log' });
  });

  test('finds an entry whose own digest was forged along with it, by the one after it', async () => {
    const entries = await log();
    await tamper(
      `update verve.audit_log set action = 'branch.change', chain_digest = verve_private.audit_entry_digest(
        (select before.chain_digest from verve.audit_log as before
         where before.org_id = audit_log.org_id and before.chain_position = audit_log.chain_position - 1),
        row (seq, id, org_id, 'branch.change', subject_type, subject_id, occurred_at, payload_digest, chain_position, chain_digest),
        chain_position) where id = $1`,
      [entries[2]?.id],
    );
    expect(await differences()).toContainEqual({ subject: entries[3]?.id, storedIn: 'audit_log' });
  });

  test('finds a payload that is not the one that was written', async () => {
    const entry = (await log())[1];
    await adminPool.query(
      `update verve.audit_payloads set payload = payload || '{"actor": "person:somebody else"}' where audit_id = $1`,
      [entry?.id],
    );
    expect(await differences()).toEqual([{ subject: entry?.id, storedIn: 'audit_payloads' }]);
  });
});
