import type { Session } from '../database.ts';

/** A source that stands for the person: the one that was asked for, or one that was merged with it. */
export interface ErasableSource {
  sourceId: string;
  ref: string;
}

const lockSql = `
with recursive family as (
  select sources.id, sources.merged_into from verve.sources
  where sources.org_id = $1 and sources.model = 'membership' and sources.ref = $2
  union
  select sources.id, sources.merged_into from verve.sources
  join family on sources.merged_into = family.id or sources.id = family.merged_into
  where sources.org_id = $1
)
select sources.id as "sourceId", sources.ref from verve.sources
where sources.org_id = $1 and sources.id in (select family.id from family) and sources.ref is not null
order by sources.model, sources.ref for update`;

/**
 * Locks a member's source and all that were merged with it, in the order in which facts lock them. The table lock lets
 * facts in flight finish and makes the next ones see the tombstone: a fact that waited for the row alone would find the
 * reference gone and make the person anew. Held for the few milliseconds of an erasure.
 */
export async function lockMember(session: Session, memberId: string): Promise<ErasableSource[]> {
  await session.query('lock table verve.sources in share row exclusive mode');
  return session.query<ErasableSource>(lockSql, [session.orgId, memberId]);
}

/** Whether a tombstone is there under any of these hashes. */
export async function hasTombstone(
  session: Session,
  kind: 'member' | 'mentor',
  hashes: readonly Uint8Array[],
): Promise<boolean> {
  const rows = await session.query(
    'select from verve.erasures where org_id = $1 and subject_kind = $2 and subject_hash = any($3::bytea[]) limit 1',
    [session.orgId, kind, hashes],
  );
  return rows.length > 0;
}

/** Leaves a tombstone for each hash, of this moment, with the id of the key that made them. Gives the id of the first. */
export async function insertTombstones(
  session: Session,
  kind: 'member' | 'mentor',
  { hashes, keyId, actor }: { hashes: readonly Uint8Array[]; keyId: string; actor: string },
): Promise<string> {
  const rows = await session.query<{ id: string }>(
    `insert into verve.erasures (org_id, subject_kind, subject_hash, key_id, actor)
    select $1, $2, hash, $4, $5 from unnest($3::bytea[]) as hash returning id`,
    [session.orgId, kind, hashes, keyId, actor],
  );
  return (rows[0] as { id: string }).id;
}

// $2 are the member's sources. What is linked by code order alone may be another person's registration: its reference
// and its contact data are left alone (spec §2.5). Sources go last: everything else is found through them.
const credited = `select attributions.id from verve.referral_attributions as attributions
  where attributions.org_id = $1 and attributions.source_id = any($2::uuid[])`;
const own = `${credited} and attributions.linked_by <> 'code_order'`;
const facts = `select facts.seq from verve.attribution_facts as facts
  where facts.org_id = $1 and (facts.source_id = any($2::uuid[]) or facts.attribution_id in (${own}))`;
const isNoCode = (column: string) => `not exists (select from verve.referral_codes as known
  where known.org_id = $1 and known.code = ${column})`;

const memberStatements: readonly string[] = [
  // The body of a delivery that told about the member. Its id stays, so that a repetition is recognised, unless it names him.
  `update verve.inbound_messages as messages set sealed_body = null,
    message_id = case when exists (select from verve.sources where sources.org_id = $1 and sources.id = any($2::uuid[])
      and strpos(messages.message_id, sources.ref) > 0) then 'erased:' || messages.id else messages.message_id end
  where messages.org_id = $1 and messages.status in ('processed', 'ignored') and (
    exists (select from jsonb_array_elements(messages.results) as result where result ->> 'attributionId' in (
      select erased.id::text from (${credited}) as erased))
    or messages.message_id in (select facts.source_ref from verve.attribution_facts as facts
      where facts.org_id = $1 and facts.source_id = any($2::uuid[])))`,
  `delete from verve.registration_contacts where org_id = $1 and attribution_id in (${own})`,
  `delete from verve.click_tokens where org_id = $1 and click_id in (
    select attributions.click_id from verve.referral_attributions as attributions
    where attributions.org_id = $1 and attributions.id in (${own}))`,
  `update verve.reviews set reason_text = case when reason_code = 'other' then '(erased)' end
  where org_id = $1 and attribution_id in (${credited}) and reason_text is not null`,
  `update verve.inbox_items as items set resolution_reason = null, details = items.details - '{met_on,channel}'::text[],
    code = case when ${isNoCode('items.code')} then '' else items.code end,
    subject = case when items.subject = '' and items.code <> '' and ${isNoCode('items.code')} then items.id::text else items.subject end
  where items.org_id = $1 and (items.source_id = any($2::uuid[]) or items.attribution_id in (${credited}))`,
  `update verve.claims as claims set met_on = null, channel = null, decision_reason = null,
    code = case when ${isNoCode('claims.code')} then null else claims.code end
  where claims.org_id = $1 and (claims.source_id = any($2::uuid[]) or claims.attribution_id in (${credited}))`,
  `update verve.attribution_facts as changed set source_ref = null, registration_ref = null, reason = null,
    code = case when changed.code_id is not null then changed.code end
  where changed.org_id = $1 and changed.seq in (${facts})`,
  `update verve.referral_attributions as changed set
    registration_ref = case when changed.linked_by = 'code_order' then changed.registration_ref end,
    removal_reason = case when changed.removal_reason is not null then '(erased)' end,
    reassignment_reason = case when changed.reassignment_reason is not null then '(erased)' end
  where changed.org_id = $1 and changed.id in (${credited})`,
  `update verve.sources set ref = null, erased_at = verve.clock() where org_id = $1 and id = any($2::uuid[])`,
];

/** Empties everything that names the member; rows, states, days and totals stay as they are. The sources are locked. */
export async function eraseMemberRows(session: Session, sourceIds: readonly string[]): Promise<void> {
  for (const statement of memberStatements) await session.query(statement, [session.orgId, sourceIds]);
}

const mentorStatements: readonly string[] = [
  'update verve.mentors set device_token_hash = null, member_id_hash = null where org_id = $1 and id = $2',
  `update verve.claims set filed_by = 'erased' where org_id = $1 and mentor_id = $2 and claimant = 'mentor'`,
];

const accountStatements: readonly string[] = [
  `delete from verve.roles where org_id = $1 and user_id = $2::uuid and role = 'peer_mentor'`,
  'delete from verve.sign_in_addresses where org_id = $1 and user_id = $2::uuid',
  'delete from verve.sign_in_links where org_id = $1 and user_id = $2::uuid',
  'delete from verve.sign_in_sessions where org_id = $1 and user_id = $2::uuid',
  `delete from verve.idempotency_keys where org_id = $1 and strpos(caller, $2::text) > 0`,
  `update verve.attribution_facts set actor = 'person:erased' where org_id = $1 and actor = 'person:' || $2::text`,
  // The entry stays on the chain; what it said, with the account that a role was given to, does not.
  `delete from verve.audit_payloads where org_id = $1 and payload ->> 'user_id' = $2::text`,
];

/**
 * Empties what names a mentor beside name and account, which the mentors' own repository writes. `userId` null = had no
 * account.
 */
export async function eraseMentorRows(session: Session, mentorId: string, userId: string | null): Promise<void> {
  for (const statement of mentorStatements) await session.query(statement, [session.orgId, mentorId]);
  if (userId === null) return;
  for (const statement of accountStatements) await session.query(statement, [session.orgId, userId]);
}

/** Whether a mentor's row still holds something personal beside name and account. */
export async function hasMentorHashes(session: Session, mentorId: string): Promise<boolean> {
  const rows = await session.query(
    `select from verve.mentors where org_id = $1 and id = $2
      and (member_id_hash is not null or device_token_hash is not null)`,
    [session.orgId, mentorId],
  );
  return rows.length > 0;
}

/** The organisation's language, in which an erased name is written. */
export async function readLocale(session: Session): Promise<string> {
  const rows = await session.query<{ locale: string }>('select locale from verve.organisations where id = $1', [
    session.orgId,
  ]);
  return rows[0]?.locale ?? 'nb';
}

interface KnownTombstone {
  kind: 'member' | 'mentor';
  hash: string;
  keyId: string;
  erasedAt: Date;
}

/** Those of these tombstones that are not here: of the same person, and of that time or later. */
export function findMissingTombstones<Tombstone extends KnownTombstone>(
  session: Session,
  tombstones: readonly Tombstone[],
): Promise<Tombstone[]> {
  return session
    .query<{ place: number }>(
      `select wanted.place::int as place
      from unnest($2::text[], $3::text[], $4::timestamptz[]) with ordinality as wanted (kind, hash, erased_at, place)
      where not exists (select from verve.erasures where erasures.org_id = $1 and erasures.subject_kind = wanted.kind
        and erasures.subject_hash = decode(wanted.hash, 'hex') and erasures.erased_at >= wanted.erased_at)
      order by wanted.place`,
      [
        session.orgId,
        tombstones.map(({ kind }) => kind),
        tombstones.map(({ hash }) => hash),
        tombstones.map(({ erasedAt }) => erasedAt.toISOString()),
      ],
    )
    .then((rows) => rows.map(({ place }) => tombstones[place - 1] as Tombstone));
}

/** Puts tombstones back as they were. */
export async function insertKnownTombstones(
  session: Session,
  tombstones: readonly KnownTombstone[],
  actor: string,
): Promise<void> {
  await session.query(
    `insert into verve.erasures (org_id, subject_kind, subject_hash, key_id, erased_at, actor)
    select $1, kind, decode(hash, 'hex'), key_id, erased_at, $6
    from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) as back (kind, hash, key_id, erased_at)`,
    [
      session.orgId,
      tombstones.map(({ kind }) => kind),
      tombstones.map(({ hash }) => hash),
      tombstones.map(({ keyId }) => keyId),
      tombstones.map(({ erasedAt }) => erasedAt.toISOString()),
      actor,
    ],
  );
}

/** Members or mentors of the organisation by their row's id, some at a time. `subject` is what a tombstone is made of. */
export function listSubjects(
  session: Session,
  kind: 'member' | 'mentor',
  after: string | null,
  limit: number,
): Promise<{ id: string; subject: string }[]> {
  const statement =
    kind === 'member'
      ? `select sources.id, sources.ref as subject from verve.sources
        where sources.org_id = $1 and sources.model = 'membership' and sources.ref is not null
          and ($2::uuid is null or sources.id > $2) order by sources.id limit $3`
      : `select mentors.id, mentors.id::text as subject from verve.mentors
        where mentors.org_id = $1 and ($2::uuid is null or mentors.id > $2) order by mentors.id limit $3`;
  return session.query(statement, [session.orgId, after, limit]);
}

/** Lets the rest of the transaction happen at this time. */
export async function setTime(session: Session, time: Date): Promise<void> {
  await session.query(`select set_config('verve.now', $1, true)`, [time.toISOString()]);
}
