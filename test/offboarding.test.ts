import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionPool } from '../src/engine/database.ts';
import type { ExportLine } from '../src/engine/organisations/offboarding.ts';
import { createTasks } from '../src/server/tasks.ts';
import { testDatabase } from './harness.ts';
import { asKey, asMentor, asPerson, system, testVerve } from './harness-verve.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';
import { populate } from './people-site.ts';

// An organisation leaves: everything out, then gone; nothing of it stays, and nothing of anybody else's goes.

const { adminPool, pool } = await testDatabase();
let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

/** Every table and partition with an organisation's rows, from the catalogue. */
async function guardedTables(): Promise<{ name: string; column: string }[]> {
  const { rows } = await adminPool.query(
    `select c.oid::regclass::text as name, case when c.relname = 'organisations' then 'id' else 'org_id' end as column
    from pg_class c where c.relnamespace = 'verve'::regnamespace and c.relkind in ('r', 'p')
      and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'the engine works within one organisation')
    order by 1`,
  );
  return rows;
}

/** How many rows of an organisation each table holds; those without any are left out. */
async function rowsOf(orgId: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name, column } of await guardedTables()) {
    const { rows } = await adminPool.query(`select count(*)::int as n from ${name} where ${column} = $1`, [orgId]);
    if (rows[0].n > 0) counts[name] = rows[0].n;
  }
  return counts;
}

/** Two organisations with everything in them. The own one has contact data, audit entries and kept answers too. */
async function populated(): Promise<{ own: Tenant; foreign: Tenant; mentorId: string; code: string }> {
  const { own, foreign, mentors } = await populate(site);
  const { mentorId } = mentors.near;
  const headers = { 'idempotency-key': randomUUID() };
  const asked = await site.send('POST', '/api/v1/referral-codes', {
    as: own.key,
    body: { mentor_id: mentorId },
    headers,
  });
  const code = String(asked.body.code);
  const contact = { name: 'Kari Kanarifugl', phone: '+4740000000', email: 'kari@epost.example' };
  await site.verve.join.submit({ code, submission: randomUUID(), contact, consentVersion: '1', sessionToken: null });
  const click = { code, session_token: randomUUID() };
  await site.send('POST', '/api/v1/referral-attributions', { body: click });
  return { own, foreign, mentorId, code };
}

async function exported(orgId: string): Promise<{ lines: ExportLine[]; receipt: string }> {
  const lines: ExportLine[] = [];
  const { receipt } = await site.verve.offboarding.export({ orgId, actor: system }, (line) => lines.push(line));
  return { lines, receipt };
}

async function leave(tenant: Tenant): Promise<void> {
  const { orgId, slug } = tenant;
  await site.verve.offboarding.begin({ orgId, actor: system, confirm: slug, isWithoutExport: true });
}

/** A pool that gives this many connections and then breaks down. */
function failingPool(after: number): ConnectionPool {
  let given = 0;
  return {
    connect: async () => {
      given += 1;
      if (given > after) throw new Error('the server was killed');
      return pool.connect();
    },
  };
}

describe('the export', () => {
  test('holds every row of every table at one moment, and ends with a receipt', async () => {
    const { own } = await populated();
    const { lines, receipt } = await exported(own.orgId);
    expect(lines.at(-1)).toEqual({ receipt, rows: lines.length - 1 });
    const counts = new Map<string, number>();
    for (const line of lines) if ('table' in line) counts.set(line.table, (counts.get(line.table) ?? 0) + 1);
    const held = Object.entries(await rowsOf(own.orgId)).filter(
      ([name]) => !/_(default|\d{4,})|code_directory$/.test(name),
    );
    for (const [name, count] of held) {
      // The export itself wrote one entry before it and one at its end.
      const known = name.startsWith('verve.audit') ? count - 1 : count;
      expect(counts.get(name.replace('verve.', '')), name).toBe(known);
    }
    expect(held.length).toBeGreaterThan(25);
  });

  test('opens contact data, and holds no secret, no hash and nothing of another organisation', async () => {
    const { own, foreign } = await populated();
    const text = JSON.stringify((await exported(own.orgId)).lines);
    expect(text).toContain('kari@epost.example');
    expect(/"\w*(sealed|_hash|_digest|_index)"/.exec(text)?.[0]).toBeUndefined();
    expect(text).not.toContain(own.key.slice(12));
    expect(text).not.toContain(foreign.orgId);
    expect(text).not.toContain(foreign.slug);
  });

  test('that is not read to its end leaves no receipt, and an entry that it began', async () => {
    const { orgId } = await site.organisation();
    const stop = () => {
      throw new Error('the reader has left');
    };
    await expect(site.verve.offboarding.export({ orgId, actor: system }, stop)).rejects.toThrow('the reader has left');
    const { rows } = await adminPool.query(
      `select payload -> 'is_complete' as complete from verve.audit_log as log join verve.audit_payloads on audit_id = log.id
      where log.org_id = $1 and action = 'organisation.export'`,
      [orgId],
    );
    expect(rows).toEqual([{ complete: false }]);
  });
});

describe('leaving', () => {
  test('needs the slug and a receipt of its own, or the word that no export is wanted', async () => {
    const { orgId, slug } = await site.organisation();
    const other = await site.organisation();
    const { receipt } = await exported(other.orgId);
    const call = { orgId, actor: system };
    for (const wrong of [
      { confirm: slug },
      { confirm: slug, receipt },
      { confirm: slug, receipt: randomUUID() },
      { confirm: other.slug, isWithoutExport: true },
    ]) {
      const refused = site.verve.offboarding.begin({ ...call, ...wrong });
      await expect(refused, JSON.stringify(wrong)).rejects.toMatchObject({ code: 'invalid_request' });
    }
    const stale = (await exported(orgId)).receipt;
    await adminPool.query('alter table verve.audit_log disable trigger user');
    await adminPool.query(`update verve.audit_log set occurred_at = occurred_at - interval '8 days' where id = $1`, [
      stale,
    ]);
    await adminPool.query('alter table verve.audit_log enable trigger user');
    await expect(site.verve.offboarding.begin({ ...call, confirm: slug, receipt: stale })).rejects.toThrow(
      'not confirmed',
    );
    const own = (await exported(orgId)).receipt;
    expect(await site.verve.offboarding.begin({ ...call, confirm: slug, receipt: own })).toMatchObject({ orgId });
  });

  test('is refused to mentors, coordinators and narrow keys', async () => {
    const { orgId, slug } = await site.organisation();
    for (const actor of [
      asMentor(randomUUID()),
      asPerson('coordinator'),
      asKey('codes:write', 'organisations:create'),
    ]) {
      const call = { orgId, actor };
      for (const attempt of [
        () => site.verve.offboarding.export(call, () => {}),
        () => site.verve.offboarding.preview(call),
        () => site.verve.offboarding.begin({ ...call, confirm: slug, isWithoutExport: true }),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code: 'forbidden' });
      }
    }
  });

  test('ends keys, sign-ins, codes, deliveries and clicks with its commit, before anything is deleted', async () => {
    const { own, code } = await populated();
    const admin = await own.person('org_admin');
    const clicksBefore = (await rowsOf(own.orgId))['verve.referral_clicks'];
    await leave(own);
    expect((await site.send('GET', '/api/v1/referral-codes', { as: own.key })).status).toBe(401);
    expect((await site.send('GET', '/api/v1/referral-codes', { as: admin.token })).status).toBe(403);
    expect((await site.send('POST', '/api/v1/registrations', { body: { code } })).status).toBe(404);
    await site.send('POST', '/api/v1/referral-attributions', { body: { code } });
    expect((await rowsOf(own.orgId))['verve.referral_clicks']).toBe(clicksBefore);
    const delivery = await site.send('POST', `/api/v1/webhooks/membership/${own.slug}`, { body: '{}' });
    expect(delivery.status).toBe(401);
    expect(await site.verve.organisations.listIds()).not.toContain(own.orgId);
    expect(await site.verve.offboarding.listLeaving()).toContain(own.orgId);
  });

  test('cannot be finished for an organisation that has not left', async () => {
    const { orgId } = await site.organisation();
    await expect(site.verve.offboarding.finish({ orgId })).rejects.toMatchObject({ code: 'conflict' });
    expect(await rowsOf(orgId)).not.toEqual({});
  });
});

describe('deleting', () => {
  test('leaves no row of it in any table, and every row of another organisation', async () => {
    const { own, foreign } = await populated();
    const preview = await site.verve.offboarding.preview({ orgId: own.orgId, actor: system });
    const others = await rowsOf(foreign.orgId);
    await leave(own);
    const { rows } = await site.verve.offboarding.finish({ orgId: own.orgId });
    expect(await rowsOf(own.orgId)).toEqual({});
    expect(await rowsOf(foreign.orgId)).toEqual(others);
    expect(Object.keys(preview.rows).sort()).toEqual(Object.keys(rows).sort());
    expect(rows.referral_codes).toBe(preview.rows.referral_codes);
  });

  test('keeps the code strings with nothing that says whose they were, and nobody gets them again', async () => {
    const { own, foreign, code } = await populated();
    await leave(own);
    await site.verve.offboarding.finish({ orgId: own.orgId });
    const { rows } = await adminPool.query('select org_id from verve.code_directory where code = $1', [code]);
    expect(rows).toEqual([{ org_id: null }]);
    const { mentorId } = await foreign.mentor();
    const call = { orgId: foreign.orgId, actor: system };
    await expect(site.verve.codes.createCode({ ...call, mentorId, code })).rejects.toMatchObject({
      code: 'code_taken',
    });
  });

  test('goes on where it was cut off, wherever that was', async () => {
    const { own } = await populated();
    await leave(own);
    let cuts = 0;
    for (let connections = 3; ; connections += 9) {
      const killed = await testVerve({ pool: failingPool(connections) });
      const isDone = await killed.offboarding.finish({ orgId: own.orgId }).then(
        () => true,
        () => false,
      );
      if (isDone) break;
      cuts += 1;
    }
    expect(cuts).toBeGreaterThan(1);
    expect(await rowsOf(own.orgId)).toEqual({});
    expect(await site.verve.offboarding.finish({ orgId: own.orgId })).toEqual({ orgId: own.orgId, rows: {} });
  });

  test('by two at once, while deliveries and clicks still arrive, ends with nothing', async () => {
    const { own, code } = await populated();
    const { orgId } = own;
    await leave(own);
    const arriving = Array.from({ length: 20 }, () => [
      site.verve.attributions.confirmRecruitment({ orgId, actor: system, code, newMemberId: randomUUID() }),
      site.send('POST', '/api/v1/referral-attributions', { body: { code } }),
    ]).flat();
    await Promise.allSettled([
      ...arriving,
      site.verve.offboarding.finish({ orgId }),
      site.verve.offboarding.finish({ orgId }),
    ]);
    const tasks = createTasks({ verve: site.verve });
    const { signal } = new AbortController();
    await tasks.find(({ name }) => name === 'offboarding')?.run({ orgId: '', subjectId: null, signal });
    expect(await rowsOf(orgId)).toEqual({});
    expect(await site.verve.offboarding.listLeaving()).not.toContain(orgId);
  });
});

describe('over HTTP', () => {
  test('an administrator exports, sees what would go, and leaves', async () => {
    const { own, foreign } = await populated();
    const { token } = await own.person('org_admin');
    const path = `/api/v1/organisations/${own.orgId}`;
    const out = await site.send('POST', `${path}/export`, { as: token });
    expect(out.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = out.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ table: 'organisations', row: { slug: own.slug } });
    const { receipt, rows } = lines.at(-1);
    expect(rows).toBe(lines.length - 1);
    const preview = await site.send('POST', `${path}/offboard/preview`, { as: token });
    expect(preview).toMatchObject({ status: 200, body: { slug: own.slug, rows: { mentors: 3 } } });
    const unsure = await site.send('POST', `${path}/offboard`, { as: token, body: { confirm: own.slug } });
    expect(unsure).toMatchObject({ status: 400, body: { errors: [{ field: 'receipt' }] } });
    const left = await site.send('POST', `${path}/offboard`, { as: token, body: { confirm: own.slug, receipt } });
    expect(left).toMatchObject({ status: 202, body: { outcome: 'leaving', organisation_id: own.orgId } });
    const again = await site.send('POST', `${path}/offboard`, { as: token, body: { confirm: own.slug, receipt } });
    expect(again.status).toBe(403);
    expect((await site.send('GET', '/api/v1/referral-codes', { as: foreign.key })).status).toBe(200);
  });

  test('is refused to whoever may not, and not found for another organisation', async () => {
    const own = await site.organisation();
    const foreign = await site.organisation();
    const coordinator = await own.person('coordinator');
    const narrow = await own.keyWith(['codes:write']);
    for (const act of ['export', 'offboard/preview', 'offboard']) {
      const body = act === 'offboard' ? { body: { confirm: own.slug, without_export: true } } : {};
      const path = `/api/v1/organisations/${own.orgId}/${act}`;
      for (const as of [coordinator.token, narrow]) {
        expect((await site.send('POST', path, { as, ...body })).status, act).toBe(403);
      }
      expect((await site.send('POST', path, body)).status, act).toBe(401);
      expect((await site.send('POST', path, { as: foreign.key, ...body })).status, act).toBe(404);
    }
    expect(await site.verve.organisations.listIds()).toContain(own.orgId);
  });

  test('an export whose reader leaves ends, and holds no connection', async () => {
    const { own } = await populated();
    const request = new Request(`http://verve.example/api/v1/organisations/${own.orgId}/export`, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.key}` },
    });
    const response = await site.handler(request);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await expect
      .poll(async () => {
        const { rows } = await adminPool.query(
          `select count(*)::int as open from pg_stat_activity where datname = current_database() and query like '%everything%'
          and state <> 'idle' and pid <> pg_backend_pid()`,
        );
        return rows[0].open;
      })
      .toBe(0);
  });
});
