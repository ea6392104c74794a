import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFactIntake } from '../src/engine/attributions/fact-intake.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { verify } from '../src/engine/verification/service.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { asKey, asMentor, asPerson, organisationWithMentor, system, testSecret, testVerve } from './harness-verve.ts';

const { database } = await testDatabase();
const intake = createFactIntake({ database, keys: createKeyRing(testSecret) });
let verve: Verve;
let orgId: string;
let mentorId: string;
let code: string;
let memberId: string;
const actor = system;
const past = new Date(Date.now() - 86_400_000);
const contact = { name: 'Kari Kanarifugl', phone: '+4740000000', email: 'kari@epost.example' };

beforeAll(async () => {
  verve = await testVerve();
});
beforeEach(async () => {
  ({ orgId, mentorId } = await organisationWithMentor(verve));
  const made = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  code = 'code' in made ? made.code.code : '';
  memberId = `kanari-${randomUUID()}`;
});

async function rows<Row>(text: string, values: unknown[]): Promise<Row[]> {
  const { adminPool } = await testDatabase();
  return (await adminPool.query(text, values)).rows as Row[];
}

function confirm(more: { code?: string; registrationRef?: string; occurredAt?: Date; sourceRef?: string } = {}) {
  const fact = { kind: 'confirmed' as const, memberId, source: 'webhook' as const, occurredAt: past, code, ...more };
  return intake.applyFacts({ orgId, actor, facts: [fact] });
}

/** A member with everything that can be known: registered with contact data, confirmed, an unknown code, a claim. */
async function knownMember(): Promise<void> {
  await verve.join.submit({ code, submission: randomUUID(), contact, consentVersion: '1', sessionToken: null });
  const [waiting] = await verve.contacts.list({ orgId, actor });
  await confirm({
    registrationRef: waiting?.registrationRef ?? '',
    occurredAt: new Date(),
    sourceRef: `crm/${memberId}`,
  });
  await confirm({ code: memberId.slice(0, 30) });
  await verve.inbox.claimRecruitment({ orgId, actor, claimant: 'member', memberId, code: memberId.slice(0, 30) });
}

/** Every column of the schema, as text, that holds the string. */
async function placesOf(text: string): Promise<string[]> {
  const columns = await rows<{ table_name: string; column_name: string }>(
    `select table_name, column_name from information_schema.columns
    where table_schema = 'verve' and data_type in ('text', 'jsonb', 'bytea', 'ARRAY', 'uuid')`,
    [],
  );
  const places: string[] = [];
  for (const { table_name: table, column_name: column } of columns) {
    const found = await rows(
      `select from verve."${table}" as t where strpos(t."${column}"::text, $1) > 0
        or strpos(t."${column}"::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0 limit 1`,
      [text],
    );
    if (found.length > 0) places.push(`${table}.${column}`);
  }
  return places;
}

/** Waits until this many connections wait for a lock. */
function waitingFor(count: number): Promise<void> {
  return expect
    .poll(async () => {
      const [row] = await rows<{ count: number }>(
        `select count(distinct waiting.pid)::int as count from pg_locks waiting
        join pg_stat_activity activity on activity.pid = waiting.pid and activity.datname = current_database()
        where not waiting.granted`,
        [],
      );
      return row?.count;
    })
    .toBe(count) as Promise<void>;
}

function figures(): Promise<unknown[]> {
  return rows(
    `select a.id, a.status, a.mentor_id, a.credited_day, a.registered_day, a.confirmed_day, a.is_credited, totals.credited,
      (select count(*)::int from verve.milestone_awards w where w.org_id = a.org_id) as awards
    from verve.referral_attributions a left join verve.mentor_totals totals on totals.mentor_id = a.mentor_id
    where a.org_id = $1 order by a.id`,
    [orgId],
  );
}

describe('export', () => {
  test('names every table that has a column tagged personal, for a member or a mentor', async () => {
    await knownMember();
    const member = await verve.privacy.exportMember({ orgId, actor, memberId });
    const mentor = await verve.privacy.exportMentor({ orgId, actor, mentorId });
    const named = new Set([...Object.keys(member.tables), ...Object.keys(mentor.tables)]);
    const tagged = await rows<{ table: string }>(
      `select distinct c.relname as table from pg_description d join pg_class c on c.oid = d.objoid
      join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'verve' and d.objsubid > 0 and d.description like 'personal:%' and not c.relispartition`,
      [],
    );
    expect(tagged.length).toBeGreaterThan(8);
    expect(tagged.map((row) => row.table).filter((table) => !named.has(table))).toEqual([]);
  });

  test('of a member shows the member id, the credit, the facts, the case, the claim and the contact, opened', async () => {
    await knownMember();
    const { tables, subject } = await verve.privacy.exportMember({ orgId, actor, memberId });
    expect(subject).toEqual({ kind: 'member', id: memberId });
    expect(tables).toMatchObject({
      sources: [{ ref: memberId }],
      referral_attributions: [{ status: 'confirmed', mentor_id: mentorId }],
      registration_contacts: [contact],
      claims: [{ claimant: 'member' }],
    });
    expect(tables.attribution_facts?.length).toBeGreaterThanOrEqual(3);
    expect(tables.inbox_items?.length).toBeGreaterThanOrEqual(1);
  });

  test('of a mentor shows codes, totals and awards, and nothing that names a recruit', async () => {
    await knownMember();
    const exported = await verve.privacy.exportMentor({ orgId, actor, mentorId });
    expect(exported.tables).toMatchObject({
      mentors: [{ display_name: 'Solveig Fjell' }],
      referral_codes: [{ code, status: 'active' }],
      mentor_totals: [{ credited: 1 }],
      milestone_awards: [{ threshold: 1 }],
    });
    expect(JSON.stringify(exported)).not.toContain(memberId);
  });

  test('is not found in another organisation, and refused to mentors, coordinators and narrow keys', async () => {
    await knownMember();
    const other = await organisationWithMentor(verve);
    const elsewhere = { orgId: other.orgId, actor };
    await expect(verve.privacy.exportMember({ ...elsewhere, memberId })).rejects.toMatchObject({ code: 'not_found' });
    await expect(verve.privacy.exportMentor({ ...elsewhere, mentorId })).rejects.toMatchObject({ code: 'not_found' });
    for (const stranger of [asMentor(mentorId), asPerson('coordinator'), asKey('members:read')]) {
      const call = { orgId, actor: stranger };
      const attempts = [
        () => verve.privacy.exportMember({ ...call, memberId }),
        () => verve.privacy.exportMentor({ ...call, mentorId }),
        () => verve.privacy.eraseMember({ ...call, memberId }),
        () => verve.privacy.eraseMentor({ ...call, mentorId }),
      ];
      for (const attempt of attempts)
        await expect((async () => attempt())()).rejects.toMatchObject({ code: 'forbidden' });
    }
  });
});

describe('erasing a member', () => {
  test('keeps every attribution, day, total and award, and `verify` agrees', async () => {
    await knownMember();
    const before = await figures();
    expect(await verve.privacy.eraseMember({ orgId, actor, memberId })).toEqual({ outcome: 'erased' });
    expect(await figures()).toEqual(before);
    expect((await verify(verve.parts.database, orgId)).differences).toEqual([]);
  });

  test('leaves member id, contact and what the person typed nowhere in the database', async () => {
    await knownMember();
    const ref = (await verve.contacts.list({ orgId, actor }))[0]?.registrationRef ?? '';
    expect(await placesOf(memberId)).toEqual(expect.arrayContaining(['sources.ref', 'attribution_facts.source_ref']));
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    for (const canary of [memberId, memberId.slice(0, 30), memberId.slice(0, 30).toUpperCase(), ref])
      expect(await placesOf(canary), canary).toEqual([]);
    expect(await verve.contacts.list({ orgId, actor })).toEqual([]);
  });

  test('lets a late duplicate be ignored and a later membership be a new person', async () => {
    await confirm();
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    expect(await confirm()).toMatchObject([{ outcome: 'ignoredErased' }]);
    expect(await placesOf(memberId)).toEqual([]);
    expect(await confirm({ occurredAt: new Date(Date.now() + 60_000) })).toMatchObject([
      { outcome: 'confirmed', total: 2 },
    ]);
    expect(await verve.privacy.eraseMember({ orgId, actor, memberId })).toEqual({ outcome: 'erased' });
    expect(await placesOf(memberId)).toEqual([]);
  });

  test('reaches the id that was merged with it, from either side', async () => {
    await confirm();
    const oldId = memberId;
    memberId = `${oldId}-ny`;
    await confirm({ occurredAt: new Date() });
    await verve.attributions.relinkMember({ orgId, actor, oldMemberId: oldId, newMemberId: memberId });
    expect(await verve.privacy.eraseMember({ orgId, actor, memberId: oldId })).toEqual({ outcome: 'erased' });
    expect(await placesOf(oldId)).toEqual([]);
    expect(await confirm()).toMatchObject([{ outcome: 'ignoredErased' }]);
  });

  test('leaves the contact and the reference of a registration that only code order ties to the member', async () => {
    await verve.join.submit({ code, submission: randomUUID(), contact, consentVersion: '1', sessionToken: null });
    await confirm({ occurredAt: new Date() });
    const { tables } = await verve.privacy.exportMember({ orgId, actor, memberId });
    expect(tables).toMatchObject({
      referral_attributions: [{ linked_by: 'code_order', registration_ref: null }],
      registration_contacts: [],
    });
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    expect(await verve.contacts.list({ orgId, actor })).toMatchObject([contact]);
  });

  test('repeated is alreadyErased, by several at once erases once, and of a stranger is notFound', async () => {
    await confirm();
    const call = { orgId, actor, memberId };
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => verve.privacy.eraseMember(call)));
    expect(outcomes.map((one) => one.outcome).sort()).toEqual([...Array(3).fill('alreadyErased'), 'erased']);
    expect(await verve.privacy.eraseMember({ ...call, memberId: 'nobody' })).toEqual({ outcome: 'notFound' });
    const other = await organisationWithMentor(verve);
    expect(await verve.privacy.eraseMember({ ...call, orgId: other.orgId })).toEqual({ outcome: 'notFound' });
  });

  test('is not undone by a message that was being handled at that moment', async () => {
    await confirm();
    const { adminPool } = await testDatabase();
    const holder = await adminPool.connect();
    await holder.query('begin');
    await holder.query('select from verve.sources where ref = $1 for update', [memberId]);
    const started: Promise<unknown>[] = [];
    try {
      started.push(verve.privacy.eraseMember({ orgId, actor, memberId }));
      await waitingFor(1);
      started.push(confirm());
      await waitingFor(2);
    } finally {
      await holder.query('commit');
      holder.release();
    }
    const [erased, late] = await Promise.all(started);
    expect(erased).toEqual({ outcome: 'erased' });
    expect(late).toMatchObject([{ outcome: 'ignoredErased' }]);
    expect(await placesOf(memberId)).toEqual([]);
  });

  test('is on the audit log, without the member id', async () => {
    await confirm();
    await verve.privacy.eraseMember({ orgId, actor, memberId });
    const entries = await rows<{ action: string; holds: boolean }>(
      `select log.action, log.payload_digest = sha256(p.salt || convert_to(p.payload::text, 'UTF8')) as holds
      from verve.audit_log log join verve.audit_payloads p on p.audit_id = log.id where log.org_id = $1
        and log.subject_type = 'person'`,
      [orgId],
    );
    expect(entries).toEqual([{ action: 'person.erase', holds: true }]);
  });
});

describe('erasing a mentor', () => {
  test('removes name and account, ends the code, keeps the figures, and is safe to repeat', async () => {
    const userId = randomUUID();
    await verve.mentors.update({ orgId, actor, mentorId, change: { userId, memberId: `egen-${userId}` } });
    await confirm();
    const before = await figures();
    expect(await verve.privacy.eraseMentor({ orgId, actor, mentorId })).toEqual({ outcome: 'erased' });
    expect(await figures()).toEqual(before);
    expect(await verve.mentors.get({ orgId, actor, mentorId })).toMatchObject({
      displayName: 'Slettet',
      userId: null,
      hasMemberId: false,
      status: 'left',
    });
    expect(await verve.codes.findByCode({ orgId, actor, code })).toMatchObject({ status: 'invalidated' });
    expect(await placesOf(userId)).toEqual([]);
    expect(await verve.privacy.eraseMentor({ orgId, actor, mentorId })).toEqual({ outcome: 'alreadyErased' });
    expect((await verify(verve.parts.database, orgId)).differences).toEqual([]);
    const stranger = { orgId, actor, mentorId: randomUUID() };
    expect(await verve.privacy.eraseMentor(stranger)).toEqual({ outcome: 'notFound' });
  });
});
