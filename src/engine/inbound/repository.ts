import type { Session } from '../database.ts';

export type Channel = 'neutral' | 'dataverse' | 'odata_record';
export type MessageStatus = 'received' | 'processed' | 'failed' | 'ignored';

/** A delivery about to be stored. */
export interface NewMessage {
  channel: Channel;
  /** By which a repetition is known; several where it is a keyed digest, one under each secret, current first. */
  messageIds: readonly string[];
  /** Keyed digests of the body under every secret, current first. */
  bodyDigests: readonly Uint8Array[];
  sealedBody: Uint8Array;
  signedAt: Date | null;
}

/** A stored delivery, as a repetition finds it. */
export interface StoredMessage {
  inboundMessageId: string;
  channel: Channel;
  messageId: string;
  status: MessageStatus;
  results: unknown[];
  isSameBody: boolean;
}

// The second part reads what other deliveries with the same id stored before; a row that another server is storing right
// now is waited for by the insert, and is then read by `find`.
const storeSql = `
insert into verve.inbound_messages (org_id, channel, message_id, body_digest, sealed_body, signed_at)
select $1, channel, message_id, body_digest, sealed_body, signed_at
from unnest($2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::timestamptz[]) as m (channel, message_id, body_digest, sealed_body, signed_at)
on conflict on constraint inbound_messages_one_per_delivery do nothing
returning id as "inboundMessageId", channel, message_id as "messageId"`;

const findSql = `
select id as "inboundMessageId", channel, message_id as "messageId", status, results, body_digest as "bodyDigest"
from verve.inbound_messages
where org_id = $1 and (channel, message_id) in (select * from unnest($2::text[], $3::text[]))`;

type Named = NewMessage & { messageId: string };

/** Gives each delivery the id under which it may be on record already: after a change of the secret that is a former one. */
async function nameMessages(session: Session, messages: readonly NewMessage[]): Promise<Named[]> {
  const named = messages.map((message) => ({ ...message, messageId: message.messageIds[0] as string }));
  const former = named.flatMap(({ channel, messageIds }) => messageIds.slice(1).map((id) => ({ channel, id })));
  if (former.length === 0) return named;
  const rows = await session.query<{ channel: Channel; messageId: string }>(
    `select channel, message_id as "messageId" from verve.inbound_messages
     where org_id = $1 and (channel, message_id) in (select * from unnest($2::text[], $3::text[]))`,
    [session.orgId, former.map((one) => one.channel), former.map((one) => one.id)],
  );
  return named.map((message) => {
    const known = rows.find((row) => row.channel === message.channel && message.messageIds.includes(row.messageId));
    return { ...message, messageId: known?.messageId ?? message.messageId };
  });
}

function keyOf({ channel, messageId }: { channel: Channel; messageId: string }): string {
  return `${channel}|${messageId}`;
}

/** Stores what was not there, and gives its ids by channel and message. */
async function insertMessages(session: Session, messages: readonly Named[]): Promise<Map<string, string>> {
  const inserted = await session.query<{ inboundMessageId: string; channel: Channel; messageId: string }>(
    storeSql,
    [
      session.orgId,
      messages.map((message) => message.channel),
      messages.map((message) => message.messageId),
      messages.map((message) => message.bodyDigests[0]),
      messages.map((message) => message.sealedBody),
      messages.map((message) => message.signedAt),
    ],
    'inbound_store',
  );
  return new Map(inserted.map((row) => [keyOf(row), row.inboundMessageId]));
}

/**
 * Stores deliveries of which none came before, with one statement; null = some did, and what did not is stored. For
 * those that have one name only.
 */
export async function storeNewMessages(
  session: Session,
  given: readonly NewMessage[],
): Promise<StoredMessage[] | null> {
  const messages = given.map((message) => ({ ...message, messageId: message.messageIds[0] as string }));
  const fresh = await insertMessages(session, messages);
  if (fresh.size < messages.length) return null;
  return messages.map((message) => newlyStored(message, fresh.get(keyOf(message)) as string));
}

function newlyStored({ channel, messageId }: Named, inboundMessageId: string): StoredMessage {
  return { inboundMessageId, channel, messageId, status: 'received', results: [], isSameBody: true };
}

/** Stores deliveries, each once; says what became of each that came before. */
export async function storeMessages(session: Session, given: readonly NewMessage[]): Promise<StoredMessage[]> {
  const messages = await nameMessages(session, given);
  const fresh = await insertMessages(session, messages);
  const earlier = messages.filter((message) => !fresh.has(keyOf(message)));
  const firstPlace = new Map<string, number>();
  messages.forEach((message, place) => {
    if (!firstPlace.has(keyOf(message))) firstPlace.set(keyOf(message), place);
  });
  const isRepeatedHere = messages.length > firstPlace.size;
  const toFind = isRepeatedHere ? messages : earlier;
  const found =
    toFind.length === 0
      ? []
      : await session.query<{
          inboundMessageId: string;
          channel: Channel;
          messageId: string;
          status: MessageStatus;
          results: unknown[];
          bodyDigest: Uint8Array;
        }>(findSql, [
          session.orgId,
          toFind.map((message) => message.channel),
          toFind.map((message) => message.messageId),
        ]);
  const known = new Map(found.map((row) => [keyOf(row), row]));
  return messages.map((message, place) => {
    const { channel, messageId } = message;
    const freshId = fresh.get(keyOf(message));
    const row = known.get(keyOf(message));
    if (freshId !== undefined && firstPlace.get(keyOf(message)) === place) return newlyStored(message, freshId);
    if (row === undefined) throw new Error('a delivery was neither stored nor found');
    const isSameBody = message.bodyDigests.some((digest) => digest.every((byte, i) => byte === row.bodyDigest[i]));
    return {
      inboundMessageId: row.inboundMessageId,
      channel,
      messageId,
      status: row.status,
      results: row.results,
      isSameBody,
    };
  });
}

// The status is compared inside coalesce so that the planner, which knows how few are unprocessed, still goes by id: it
// would read every message of the organisation instead.
const finishSql = `
update verve.inbound_messages m
set status = done.status, results = done.results, error_code = done.error_code, claimed_until = null,
  processed_at = case when done.status = 'processed' then verve.clock() end
from jsonb_to_recordset($2::jsonb) as done (id uuid, status text, results jsonb, error_code text)
where m.org_id = $1 and m.id = done.id and coalesce(m.status, '') <> 'processed'`;

/** What became of a delivery. */
export interface FinishedMessage {
  inboundMessageId: string;
  status: Exclude<MessageStatus, 'received'>;
  results: readonly unknown[];
  errorCode: string | null;
}

/** Notes what became of deliveries, in the transaction of their facts. A processed one stays as it was. */
export async function finishMessages(session: Session, finished: readonly FinishedMessage[]): Promise<void> {
  const rows = finished.map((one) => ({
    id: one.inboundMessageId,
    status: one.status,
    results: one.results,
    error_code: one.errorCode,
  }));
  await session.query(finishSql, [session.orgId, JSON.stringify(rows)], 'inbound_finish');
}

const claimSql = `
with due as (
  select id from verve.inbound_messages
  where org_id = $1 and status = 'received' and received_at < verve.clock() - make_interval(secs => $2)
    and (claimed_until is null or claimed_until < verve.clock()) and sealed_body is not null
  order by received_at limit $3 for update skip locked
)
update verve.inbound_messages m set claimed_until = verve.clock() + interval '1 minute', attempts = m.attempts + 1
from due where m.org_id = $1 and m.id = due.id
returning m.id as "inboundMessageId", m.channel, m.message_id as "messageId", m.sealed_body as "sealedBody",
  m.signed_at as "signedAt", m.received_at as "receivedAt", m.attempts`;

/** A delivery taken up again because nothing became of it. */
export interface ClaimedMessage {
  inboundMessageId: string;
  channel: Channel;
  messageId: string;
  sealedBody: Uint8Array;
  signedAt: Date | null;
  receivedAt: Date;
  attempts: number;
}

/** Claims deliveries that were stored but never finished, for one minute; other servers skip them. */
export function claimUnfinished(session: Session, olderThanSeconds: number, limit: number): Promise<ClaimedMessage[]> {
  return session.query(claimSql, [session.orgId, olderThanSeconds, limit]);
}

const forgetSql = `
update verve.inbound_messages set sealed_body = null
where org_id = $1 and sealed_body is not null
  and received_at < verve.clock() - make_interval(days => case when status = 'processed' then $2::int else $3::int end)
returning id`;

/** Deletes the bodies that have been kept long enough. Safe to repeat. Gives how many. */
export async function forgetBodies(session: Session, processedDays: number, otherDays: number): Promise<number> {
  return (await session.query(forgetSql, [session.orgId, processedDays, otherDays])).length;
}
