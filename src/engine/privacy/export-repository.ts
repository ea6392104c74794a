import type { Session } from '../database.ts';

/** The rows of one table that concern a person, as they stand, times as text. */
export type ExportedRows = Record<string, unknown>[];

/** The rows of every table that can hold something about a person, by the table's name. */
export type ExportedTables = Record<string, ExportedRows>;

const credited = `select attributions.id from verve.referral_attributions as attributions
  where attributions.org_id = $1 and attributions.source_id = any($2::uuid[])`;
// What is linked by code order alone is no proof of identity: its reference and contact may be another person's (spec §2.5).
const own = `${credited} and attributions.linked_by <> 'code_order'`;
const reviewsOf = (attributions: string) => `select reviews.id from verve.reviews
  where reviews.org_id = $1 and reviews.attribution_id in (${attributions})`;
const aboutMessages = `messages.org_id = $1 and (
  exists (select from jsonb_array_elements(messages.results) as result where result ->> 'attributionId' in (
    select concerned.id::text from (${credited}) as concerned))
  or messages.message_id in (select facts.source_ref from verve.attribution_facts as facts
    where facts.org_id = $1 and facts.source_id = any($2::uuid[])))`;

/** For each table its rows: $1 the organisation, $2 the member's sources, $3 the keyed hashes of the member ids. */
const memberTables: Record<string, string> = {
  sources: `select to_jsonb(t) as row from verve.sources as t where t.org_id = $1 and t.id = any($2::uuid[])`,
  referral_attributions: `select to_jsonb(t) || jsonb_build_object('registration_ref',
      case when t.linked_by <> 'code_order' then t.registration_ref end) as row
    from verve.referral_attributions as t where t.org_id = $1 and t.source_id = any($2::uuid[]) order by t.created_at, t.id`,
  attribution_facts: `select to_jsonb(t) as row from verve.attribution_facts as t
    where t.org_id = $1 and (t.source_id = any($2::uuid[]) or t.attribution_id in (${own})) order by t.seq`,
  reviews: `select to_jsonb(t) as row from verve.reviews as t
    where t.org_id = $1 and t.attribution_id in (${credited}) order by t.opened_at, t.id`,
  review_approvals: `select to_jsonb(t) as row from verve.review_approvals as t
    where t.org_id = $1 and t.review_id in (${reviewsOf(credited)}) order by t.approved_at, t.id`,
  inbox_items: `select to_jsonb(t) as row from verve.inbox_items as t
    where t.org_id = $1 and (t.source_id = any($2::uuid[]) or t.attribution_id in (${credited})) order by t.opened_at, t.id`,
  claims: `select to_jsonb(t) as row from verve.claims as t
    where t.org_id = $1 and (t.source_id = any($2::uuid[]) or t.attribution_id in (${credited})) order by t.filed_at, t.id`,
  referral_events: `select to_jsonb(t) - 'transaction_id' as row from verve.referral_events as t
    where t.org_id = $1 and t.attribution_id in (${credited}) order by t.seq`,
  // The body may tell about others too: only that it is kept, not what it says.
  inbound_messages: `select to_jsonb(messages) - '{sealed_body,body_digest,results}'::text[]
      || jsonb_build_object('is_body_kept', messages.sealed_body is not null) as row
    from verve.inbound_messages as messages where ${aboutMessages} order by messages.received_at, messages.id`,
  // Nobody has looked into a file that waits: it may or may not name the person.
  imports: `select to_jsonb(t) - '{sealed_file,report,reading,parts_done}'::text[] as row from verve.imports as t
    where t.org_id = $1 and t.sealed_file is not null and cardinality($2::uuid[]) > 0 order by t.created_at, t.id`,
  click_tokens: `select to_jsonb(t) - '{token_hash,click_id}'::text[] as row from verve.click_tokens as t
    where t.org_id = $1 and t.click_id in (select attributions.click_id from verve.referral_attributions as attributions
      where attributions.org_id = $1 and attributions.id in (${own}))`,
  mentors: `select jsonb_build_object('id', t.id, 'has_this_member_id', true) as row from verve.mentors as t
    where t.org_id = $1 and t.member_id_hash = any($3::bytea[])`,
  erasures: `select to_jsonb(t) - 'subject_hash' as row from verve.erasures as t
    where t.org_id = $1 and t.subject_kind = 'member' and t.subject_hash = any($3::bytea[])`,
  audit_payloads: `select to_jsonb(log) - '{seq,payload_digest,chain_position,chain_digest}'::text[]
      || jsonb_build_object('payload', t.payload) as row
    from verve.audit_payloads as t join verve.audit_log as log on log.org_id = t.org_id and log.id = t.audit_id
    where t.org_id = $1 and log.subject_id in (select concerned.id::text from (${credited}) as concerned) order by log.seq`,
};

/** $1 the organisation, $2 the mentor, $3 the mentor's account. Nothing that names a recruit. */
const mentorTables: Record<string, string> = {
  mentors: `select to_jsonb(t) - '{member_id_hash,device_token_hash}'::text[] || jsonb_build_object(
      'has_member_id', t.member_id_hash is not null, 'has_device', t.device_token_hash is not null) as row
    from verve.mentors as t where t.org_id = $1 and t.id = $2`,
  roles: `select to_jsonb(t) as row from verve.roles as t where t.org_id = $1 and t.user_id = $3 order by t.created_at, t.id`,
  sign_in_links: `select to_jsonb(t) - 'token_hash' as row
    from verve.sign_in_links as t where t.org_id = $1 and t.user_id = $3 order by t.created_at, t.id`,
  sign_in_sessions: `select to_jsonb(t) - '{token_hash,former_token_hash}'::text[] as row
    from verve.sign_in_sessions as t where t.org_id = $1 and t.user_id = $3 order by t.created_at, t.id`,
  referral_codes: `select to_jsonb(t) as row from verve.referral_codes as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.created_at, t.id`,
  shares: `select to_jsonb(t) as row from verve.shares as t where t.org_id = $1 and t.mentor_id = $2 order by t.shared_at, t.id`,
  mentor_totals: `select to_jsonb(t) as row from verve.mentor_totals as t where t.org_id = $1 and t.mentor_id = $2`,
  milestone_awards: `select to_jsonb(t) as row from verve.milestone_awards as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.threshold`,
  earned_badges: `select to_jsonb(t) as row from verve.earned_badges as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.earned_at, t.id`,
  referral_attributions: `select to_jsonb(t) - '{source_id,registration_ref,click_id}'::text[] as row
    from verve.referral_attributions as t where t.org_id = $1 and t.mentor_id = $2 order by t.created_at, t.id`,
  reviews: `select to_jsonb(t) - 'reason_text' as row from verve.reviews as t where t.org_id = $1 and t.attribution_id in (
      select attributions.id from verve.referral_attributions as attributions
      where attributions.org_id = $1 and attributions.mentor_id = $2) order by t.opened_at, t.id`,
  inbox_items: `select to_jsonb(t) - '{source_id,code,fact_seq}'::text[] as row from verve.inbox_items as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.opened_at, t.id`,
  claims: `select to_jsonb(t) - '{source_id,code}'::text[] as row from verve.claims as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.filed_at, t.id`,
  attribution_facts: `select to_jsonb(t) - '{source_id,code,registration_ref,source_ref,reason}'::text[] as row
    from verve.attribution_facts as t where t.org_id = $1 and t.actor = 'person:' || $3::text order by t.seq`,
  referral_events: `select to_jsonb(t) - 'transaction_id' as row from verve.referral_events as t
    where t.org_id = $1 and t.mentor_id = $2 order by t.seq`,
  erasures: `select to_jsonb(t) - 'subject_hash' as row from verve.erasures as t
    where t.org_id = $1 and t.subject_kind = 'mentor' and t.subject_hash = any($4::bytea[])`,
  audit_payloads: `select to_jsonb(log) - '{seq,payload_digest,chain_position,chain_digest}'::text[]
      || jsonb_build_object('payload', t.payload) as row
    from verve.audit_payloads as t join verve.audit_log as log on log.org_id = t.org_id and log.id = t.audit_id
    where t.org_id = $1 and (log.subject_id = $2::text or t.payload ->> 'actor' = 'person:' || $3::text
      or t.payload ->> 'user_id' = $3::text) order by log.seq`,
};

async function readTables(
  session: Session,
  tables: Record<string, string>,
  values: readonly unknown[],
): Promise<ExportedTables> {
  const exported: ExportedTables = {};
  for (const [name, statement] of Object.entries(tables)) {
    const used = values.filter((_, index) => index === 0 || statement.includes(`$${index + 1}`));
    const text = renumber(statement, values.length);
    const rows = await session.query<{ row: Record<string, unknown> }>(text, used);
    exported[name] = rows.map(({ row: { org_id: _, ...row } }) => row);
  }
  return exported;
}

/** PostgreSQL refuses values that a statement does not use: its parameters are numbered without gaps. */
function renumber(statement: string, count: number): string {
  const used = Array.from({ length: count }, (_, index) => index + 1).filter((n) => statement.includes(`$${n}`));
  return statement.replace(/\$(\d)/g, (_, n: string) => `$${used.indexOf(Number(n)) + 1}`);
}

export async function readMember(
  session: Session,
  sourceIds: readonly string[],
  hashes: readonly Uint8Array[],
): Promise<ExportedTables> {
  return readTables(session, memberTables, [session.orgId, sourceIds, hashes]);
}

export async function readMentor(
  session: Session,
  mentor: { mentorId: string; userId: string | null },
  hashes: readonly Uint8Array[],
): Promise<ExportedTables> {
  return readTables(session, mentorTables, [session.orgId, mentor.mentorId, mentor.userId, hashes]);
}

/** Contacts of the member's own registrations, still sealed. */
export async function readContacts(
  session: Session,
  sourceIds: readonly string[],
): Promise<{ row: Record<string, unknown>; attributionId: string; sealed: Uint8Array }[]> {
  return session.query(
    `select to_jsonb(t) - '{org_id,sealed,phone_index,email_index}'::text[] as row, t.attribution_id as "attributionId", t.sealed
    from verve.registration_contacts as t where t.org_id = $1 and t.attribution_id in (${own}) order by t.created_at, t.id`,
    [session.orgId, sourceIds],
  );
}

/** The address for a person's sign-in links, still sealed; null = none. */
export async function readAddress(
  session: Session,
  userId: string,
): Promise<{ createdAt: Date; sealed: Uint8Array } | null> {
  const rows = await session.query<{ createdAt: Date; sealed: Uint8Array }>(
    `select sign_in_addresses.created_at as "createdAt", sign_in_addresses.sealed from verve.sign_in_addresses
    where sign_in_addresses.org_id = $1 and sign_in_addresses.user_id = $2`,
    [session.orgId, userId],
  );
  return rows[0] ?? null;
}

/** A member's sources: the one of that id and all that were merged with it. */
export async function findMemberSources(
  session: Session,
  memberId: string,
): Promise<{ sourceId: string; ref: string | null }[]> {
  return session.query(
    `with recursive family as (
      select sources.id, sources.merged_into from verve.sources
      where sources.org_id = $1 and sources.model = 'membership' and sources.ref = $2
      union
      select sources.id, sources.merged_into from verve.sources
      join family on sources.merged_into = family.id or sources.id = family.merged_into where sources.org_id = $1
    )
    select sources.id as "sourceId", sources.ref from verve.sources
    where sources.org_id = $1 and sources.id in (select family.id from family)`,
    [session.orgId, memberId],
  );
}

/** The time of the transaction. */
export async function readTime(session: Session): Promise<Date> {
  const rows = await session.query<{ now: Date }>('select verve.clock() as now');
  return (rows[0] as { now: Date }).now;
}
