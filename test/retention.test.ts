import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createClickUpkeep } from '../src/engine/clicks/upkeep.ts';
import { readSettings } from '../src/engine/organisations/settings.ts';
import { testDatabase } from './harness.ts';
import { system as actor, organisationWithMentor, testVerve } from './harness-verve.ts';

// Every column that is tagged as personal says in its comment how long it is kept. Here each of these words is proved: what
// is old enough goes, what is a day younger stays, by the task that the server runs every night.

const { adminPool } = await testDatabase();
const verve = await testVerve();
const { retention: kept, clicks } = readSettings({});

interface Tagged {
  column: string;
  retention: string;
}

const { rows: tagged } = await adminPool.query<Tagged>(
  `select class.relname || '.' || attribute.attname as column, substring(description from 'retention: (.*)$') as retention
   from pg_description join pg_class as class on class.oid = objoid
     join pg_namespace as namespace on namespace.oid = class.relnamespace
     join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum = objsubid
   where objsubid > 0 and namespace.nspname like 'verve%' and description like 'personal:%' and not class.relispartition
   order by 1`,
);

/** The columns whose comment says this. */
const columnsKept = (retention: string): string[] =>
  tagged.filter((one) => one.retention === retention).map(({ column }) => column);

/** Runs everything that the server runs at night. */
async function night(orgId: string): Promise<void> {
  await createClickUpkeep(verve.parts).prune();
  await verve.retention.apply({ orgId });
}

/** Whether a value is in a column of one organisation, one row each, after the night. */
async function survives(orgId: string, column: string): Promise<string[]> {
  const [table, name] = column.split('.');
  const { rows } = await adminPool.query<{ label: string }>(
    `select age.label from age_of_rows as age join verve.${table} as kept on kept.${keyOf[table ?? ''] ?? 'id'}::text = age.key
     where kept.org_id = $1 and kept.${name} is not null order by 1`,
    [orgId],
  );
  return rows.map(({ label }) => label);
}

/** By what a row is found again, where it is not its id. */
const keyOf: Record<string, string> = {
  audit_payloads: 'audit_id',
  idempotency_keys: 'key',
  click_tokens: 'click_id',
};

await adminPool.query('create table if not exists public.age_of_rows (key text primary key, label text not null)');

/** Writes down how old a row is made, in days. */
async function remember(key: string, label: string): Promise<void> {
  await adminPool.query('insert into public.age_of_rows values ($1, $2)', [key, label]);
}

type Plant = (orgId: string, id: string, days: number) => Promise<unknown>;
const into =
  (text: string): Plant =>
  (orgId, id, days) =>
    adminPool.query(text, [orgId, id, days]);

/** A message with a body, in a state. */
const message = (status: string) =>
  into(`insert into verve.inbound_messages (id, org_id, channel, message_id, body_digest, sealed_body, status, received_at, processed_at)
    values ($2::uuid, $1, 'neutral', $2::uuid::text, '\\x00', '\\x00', '${status}', now() - make_interval(days => $3), now())`);

/** How each word of a comment is proved: rows of which age, put where, are gone after one night. */
const proofs: { retention: string; limitDays: number; plant: Plant }[] = [
  {
    retention: 'settings processedBodyDays and otherBodyDays',
    limitDays: kept.processedBodyDays,
    plant: message('processed'),
  },
  {
    retention: 'settings processedBodyDays and otherBodyDays',
    limitDays: kept.otherBodyDays,
    plant: message('failed'),
  },
  {
    retention: 'settings processedBodyDays and otherBodyDays',
    limitDays: kept.otherBodyDays,
    plant: message('received'),
  },
  { retention: 'setting deliveryDays', limitDays: kept.deliveryDays, plant: message('processed') },
  { retention: 'setting deliveryDays', limitDays: kept.deliveryDays, plant: message('received') },
  {
    retention: 'until done, at most 30 days',
    limitDays: 30,
    plant:
      into(`insert into verve.imports (id, org_id, is_preview, actor, reading, sealed_file, total_lines, report, created_at)
      values ($2, $1, false, 'system:test', '{}', '\\x00', 1, '{}', now() - make_interval(days => $3))`),
  },
  {
    retention: 'until done, at most 30 days',
    limitDays: 30,
    plant:
      into(`insert into verve.imports (id, org_id, is_preview, actor, reading, sealed_file, total_lines, report, created_at, status, claimed_until)
      values ($2, $1, false, 'system:test', '{}', '\\x00', 1, '{}', now() - make_interval(days => $3), 'running', now())`),
  },
  {
    retention: '2 days',
    limitDays: 2,
    plant:
      into(`insert into verve.idempotency_keys (org_id, caller, key, request_digest, response_status, sealed_response, created_at)
      values ($1, 'key:test', $2, '\\x00', 200, '\\x00', now() - make_interval(days => $3))`),
  },
  ...['until handed over, at most setting contactDays', 'as the contact'].map((retention) => ({
    retention,
    limitDays: kept.contactDays,
    plant:
      into(`insert into verve.registration_contacts (id, org_id, sealed, phone_index, email_index, created_at, delete_after)
      values ($2, $1, '\\x00', sha256($2::uuid::text::bytea), sha256($2::uuid::text::bytea), now() - make_interval(days => $3),
        now() - make_interval(days => $3) + make_interval(days => ${kept.contactDays}))`),
  })),
  {
    retention: 'setting auditPayloadDays',
    limitDays: kept.auditPayloadDays,
    plant: into(`with entry as (
        insert into verve.audit_log (id, org_id, action, subject_type, payload_digest, occurred_at)
        values ($2, $1, 'mentor.create', 'mentor', '\\x00', now() - make_interval(days => $3)) returning id)
      insert into verve.audit_payloads (org_id, audit_id, salt, payload) select $1, id, '\\x00', '{"actor":"person:x"}' from entry`),
  },
  {
    retention: 'setting leftMentorDays after leaving',
    limitDays: kept.leftMentorDays,
    plant:
      into(`insert into verve.mentors (id, org_id, user_id, display_name, member_id_hash, device_token_hash, status, left_at)
      values ($2, $1, gen_random_uuid(), 'Solveig Fjell', '\\x00', '\\x00', 'left', now() - make_interval(days => $3))`),
  },
  {
    retention: 'until used, at most a day',
    limitDays: 1,
    plant: into(`insert into verve.sign_in_links (id, org_id, user_id, token_hash, expires_at)
      values ($2, $1, gen_random_uuid(), uuid_send($2), now() + interval '15 minutes' - make_interval(days => $3))`),
  },
  {
    retention: 'until signed out, at most 90 days',
    limitDays: 90,
    plant: into(`insert into verve.sign_in_sessions (id, org_id, user_id, token_hash, expires_at)
      values ($2, $1, gen_random_uuid(), uuid_send($2), now() + interval '90 days' - make_interval(days => $3))`),
  },
  {
    retention: 'matching window and a day',
    limitDays: clicks.matchWindowHours / 24 + 1,
    plant: async (orgId, id, days) => {
      await adminPool.query(`select verve_private.make_click_partitions()`);
      await adminPool.query(
        `insert into verve.click_tokens (org_id, code_id, click_id, token_hash, occurred_at, day, class, channel, created_at)
         values ($1, gen_random_uuid(), $2, gen_random_uuid(), now(), current_date, 'human', 'sms', now() - make_interval(days => $3))`,
        [orgId, id, days],
      );
    },
  },
];

describe('what a comment promises of a column, a job keeps:', () => {
  const cases = proofs.flatMap(({ retention, limitDays, plant }) =>
    (retention === '2 days' ? ['idempotency_keys.sealed_response'] : columnsKept(retention)).map((column) => {
      return { column, retention, limitDays, plant };
    }),
  );
  test.each(cases)('$column goes ($retention: $limitDays days)', async ({ column, limitDays, plant }) => {
    const { orgId } = await organisationWithMentor(verve);
    for (const [label, days] of [
      ['old', limitDays + 1],
      ['young', limitDays - 1],
    ] as const) {
      const id = randomUUID();
      await plant(orgId, id, days);
      await remember(id, label);
    }
    expect(await survives(orgId, column)).toEqual(['old', 'young']);
    await night(orgId);
    if (column === 'mentors.display_name') {
      const { rows } = await adminPool.query<{ name: string }>(
        `select display_name as name from verve.mentors where org_id = $1 and status = 'left' order by 1`,
        [orgId],
      );
      expect(rows.map(({ name }) => name)).toEqual(['Slettet', 'Solveig Fjell']);
    } else expect(await survives(orgId, column)).toEqual(['young']);
    await night(orgId);
    if (column !== 'mentors.display_name') expect(await survives(orgId, column)).toEqual(['young']);
  });

  test('what is kept until erased is empty afterwards, in every column', async () => {
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const code = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (code.outcome !== 'created') throw new Error(code.outcome);
    const memberId = `M-${randomUUID()}`;
    await verve.attributions.confirmRecruitment({ orgId, actor, newMemberId: memberId, code: code.code.code });
    await verve.attributions.confirmRecruitment({ orgId, actor, newMemberId: memberId, code: 'ZZZZZZZZZZ' });
    const canary = `canary ${randomUUID()}`;
    const erased = columnsKept('until erased');
    const { rows } = await adminPool.query<{ id: string }>(
      'select id from verve.sources where org_id = $1 and ref = $2',
      [orgId, memberId],
    );
    const sourceId = rows[0]?.id;
    const { rows: credits } = await adminPool.query<{ id: string }>(
      'select id from verve.referral_attributions where org_id = $1 and source_id = $2',
      [orgId, sourceId],
    );
    await verve.attributions.remove({ orgId, actor, attributionId: credits[0]?.id ?? '', reason: canary });
    // A row in every table, of this member, with the canary in every column that may hold words.
    await adminPool.query(
      `insert into verve.claims (org_id, claimant, source_id, attribution_id, filed_by, status, decided_at, decided_by, decision_reason)
       values ($1, 'member', $2, $3, 'public', 'declined', now(), 'system:test', 'x')`,
      [orgId, sourceId, credits[0]?.id],
    );
    await adminPool.query(
      `insert into verve.reviews (org_id, attribution_id, state, reason_code, reason_text, decided_at, decided_by)
       values ($1, $2, 'rejected', 'other', 'x', now(), 'system:test')`,
      [orgId, credits[0]?.id],
    );
    await adminPool.query(
      `insert into verve.inbox_items (org_id, kind, source_id, code, subject, status, resolved_at, resolved_by, resolution, resolution_reason)
       values ($1, 'unknown_code', $2, 'x', 'y', 'resolved', now(), 'system:test', 'dismissed', 'x')`,
      [orgId, sourceId],
    );
    for (const column of erased.filter((one) => !['sources.ref', 'claims.met_on'].includes(one))) {
      const [table = '', name = ''] = column.split('.');
      if (column === 'referral_attributions.removal_reason') continue; // written with the removal
      const credit = 'attribution_id in (select id from verve.referral_attributions where source_id = $2)';
      await adminPool.query(
        `update verve.${table} set ${name} = $3 where org_id = $1 and ${table === 'reviews' ? credit : 'source_id = $2'}
         ${column === 'attribution_facts.code' ? 'and code_id is null' : ''}`,
        [orgId, sourceId, canary],
      );
    }
    expect(await verve.privacy.eraseMember({ orgId, actor, memberId })).toEqual({ outcome: 'erased' });
    for (const column of erased) {
      const [table, name] = column.split('.');
      const left = await adminPool.query(
        `select 1 from verve.${table} where org_id = $1 and ${name}::text in ($2, $3)`,
        [orgId, canary, memberId],
      );
      expect([column, left.rowCount]).toEqual([column, 0]);
    }
  });

  test('a role that is taken back leaves nobody’s account behind', async () => {
    expect(columnsKept('while the role is held')).toEqual(['roles.user_id']);
    const { orgId } = await organisationWithMentor(verve);
    const userId = randomUUID();
    const { role } = await verve.roles.grant({ orgId, actor, userId, role: 'org_admin' });
    await verve.roles.revoke({ orgId, actor, roleId: role.roleId });
    const { rowCount } = await adminPool.query('select 1 from verve.roles where org_id = $1 and user_id = $2', [
      orgId,
      userId,
    ]);
    expect(rowCount).toBe(0);
  });

  test('an address for sign-in links goes with the last role', async () => {
    const kept = ['address_index', 'sealed', 'user_id'].map((name) => `sign_in_addresses.${name}`);
    expect(columnsKept('while the person has a role or is a mentor').sort()).toEqual(kept);
    const { orgId } = await organisationWithMentor(verve);
    const userId = randomUUID();
    const { role } = await verve.roles.grant({ orgId, actor, userId, role: 'coordinator' });
    await verve.signIn.setAddress({ orgId, actor, userId, email: 'hanne@epost.example' });
    const left = async () =>
      (await adminPool.query('select from verve.sign_in_addresses where org_id = $1', [orgId])).rowCount;
    await night(orgId);
    expect(await left()).toBe(1);
    await verve.roles.revoke({ orgId, actor, roleId: role.roleId });
    await night(orgId);
    expect(await left()).toBe(0);
  });

  test('an address that is taken off the list of the digest is nowhere in the settings', async () => {
    expect(columnsKept('until taken off the list')).toEqual(['organisations.settings']);
    const { orgId } = await organisationWithMentor(verve);
    const stored = async () =>
      JSON.stringify((await adminPool.query('select settings from verve.organisations where id = $1', [orgId])).rows);
    for (const mailTo of [['solveig@example.org'], []]) {
      await verve.organisations.update({ orgId, actor, change: { settings: { digest: { mailTo } } } });
      expect((await stored()).includes('solveig')).toBe(mailTo.length > 0);
    }
  });

  test('every word that a comment uses is proved here', () => {
    const proved = new Set([
      ...proofs.map(({ retention }) => retention),
      'until erased',
      'while the role is held',
      'until taken off the list',
      'while the person has a role or is a mentor',
      'permanent',
    ]);
    expect(tagged.filter(({ retention }) => !proved.has(retention))).toEqual([]);
    expect(columnsKept('permanent')).toEqual(['erasures.subject_hash']);
    expect(tagged.length).toBeGreaterThan(25);
  });
});

test('an import that nobody works through says what became of it, and is not taken up again', async () => {
  const { orgId } = await organisationWithMentor(verve);
  const id = randomUUID();
  await proofs.find(({ retention }) => retention.startsWith('until done'))?.plant(orgId, id, 31);
  await night(orgId);
  const { rows } = await adminPool.query('select status, error_code, sealed_file from verve.imports where id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ status: 'failed', error_code: 'expired', sealed_file: null }]);
});

test('a mentor who left long ago is erased once: credits and counts stay', async () => {
  const { orgId, mentorId } = await organisationWithMentor(verve);
  const code = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  if (code.outcome !== 'created') throw new Error(code.outcome);
  await verve.attributions.confirmRecruitment({ orgId, actor, newMemberId: `M-${randomUUID()}`, code: code.code.code });
  await verve.mentors.setStatus({ orgId, actor, mentorId, status: 'left' });
  await adminPool.query(`update verve.mentors set left_at = now() - interval '3 years' where id = $1`, [mentorId]);
  expect((await verve.retention.apply({ orgId })).mentors).toBe(1);
  expect((await verve.retention.apply({ orgId })).mentors).toBe(0);
  const { rows } = await adminPool.query('select credited from verve.mentor_totals where mentor_id = $1', [mentorId]);
  expect(rows).toEqual([{ credited: 1 }]);
});
