import type { Database, Session } from '../database.ts';
import { makePage, type Page, type PageRequest, readPageRequest } from '../paging.ts';
import type { ShareChannel } from '../share/channels.ts';
import type { TrafficClass } from './classify-traffic.ts';
import type { Platform } from './click-metadata.ts';

/** One hit as it goes to the database. */
export interface HitRow {
  codeId: string;
  class: TrafficClass | 'join';
  channel: ShareChannel | null; // null = unknown
  platform: Platform | null;
  locale: string | null;
  occurredAt: string | null; // null = the moment of storing
  clickId: string | null; // null = nobody is told an id
  tokenHash: string | null; // 32 hex digits; null = no token
}

/** Where statements of the recorder run: as `verve_ingest`, which may record clicks of any organisation and nothing else. */
export interface ClickStore {
  query<Row>(text: string, values: readonly unknown[], name: string): Promise<Row[]>;
}

/** The recorder's statements, each in a transaction of its own through the engine's database. */
export function storeThroughDatabase(database: Database): ClickStore {
  return {
    query: (text, values, name) =>
      database.transaction({ role: 'verve_ingest' }, (session) => session.query(text, values, name)),
  };
}

const recordClicks = `
select item, outcome from verve_private.record_clicks($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

/**
 * Stores hits with their counts in one statement; gives what was not stored, by position from 0. A batch names a token,
 * code and class at most once. Values are ids and words of closed lists, so the arrays need no quoting.
 */
export async function insertHits(
  store: ClickStore,
  hits: readonly HitRow[],
  now: Date | null, // null = the database's clock
): Promise<{ position: number; outcome: 'duplicate' | 'inactive' }[]> {
  const codeIds: string[] = [];
  const classes: string[] = [];
  const channels: string[] = [];
  for (const hit of hits) {
    codeIds.push(hit.codeId);
    classes.push(hit.class);
    channels.push(hit.channel ?? 'unknown');
  }
  const rows = await store.query<{ item: number; outcome: 'duplicate' | 'inactive' }>(
    recordClicks,
    [
      `{${codeIds.join(',')}}`,
      `{${classes.join(',')}}`,
      `{${channels.join(',')}}`,
      optionalColumn(hits, (hit) => hit.platform),
      optionalColumn(hits, (hit) => hit.locale),
      optionalColumn(hits, (hit) => hit.occurredAt),
      optionalColumn(hits, (hit) => hit.clickId),
      optionalColumn(hits, (hit) => hit.tokenHash),
      now === null ? null : now.toISOString(),
    ],
    'verve_record_clicks',
  );
  return rows.map((row) => ({ position: row.item - 1, outcome: row.outcome }));
}

/** A column that most batches have nothing in; null = nothing at all. */
function optionalColumn(hits: readonly HitRow[], value: (hit: HitRow) => string | null): string | null {
  if (hits.every((hit) => value(hit) === null)) return null;
  return `{${hits.map((hit) => value(hit) ?? 'NULL').join(',')}}`;
}

/** Adds hits above the flood limit to their code and minute. */
export async function insertFlood(
  store: ClickStore,
  floods: readonly { codeId: string; minute: string; hits: number }[],
): Promise<void> {
  await store.query(
    'select verve_private.record_flood($1, $2, $3)',
    [floods.map((flood) => flood.codeId), floods.map((flood) => flood.minute), floods.map((flood) => flood.hits)],
    'verve_record_flood',
  );
}

/** A stored click that somebody was told the id of. */
export interface ClickRow {
  clickId: string;
  codeId: string;
  code: string;
  mentorId: string | null; // null = the code's owner is no mentor
  class: TrafficClass | 'join';
  channel: ShareChannel | null;
  platform: Platform | null;
  occurredAt: Date;
  createdAt: Date;
  day: string;
}

const clickFacts = `clicks.code_id as "codeId", codes.code, clicks.mentor_id as "mentorId", clicks.class,
  nullif(clicks.channel, 'unknown') as channel, clicks.platform, clicks.occurred_at as "occurredAt", clicks.created_at as "createdAt", clicks.day`;

/** The click with this id in the session's organisation, or null. */
export async function findClick(session: Session, clickId: string): Promise<ClickRow | null> {
  const rows = await session.query<ClickRow>(
    `select clicks.id as "clickId", ${clickFacts} from verve.referral_clicks as clicks
     join verve.referral_codes as codes on codes.id = clicks.code_id
     where clicks.id = $1`,
    [clickId],
  );
  return rows[0] ?? null;
}

/** A click in a list: without an id, because none leaves. */
export type ListedClick = Omit<ClickRow, 'clickId'>;

/** What of an organisation's clicks to list. */
export interface ClickFilter {
  mentorId?: string | null | undefined;
  codeId?: string | null | undefined;
  class?: TrafficClass | 'join' | null | undefined;
}

const filterClicks = `where ($1::uuid is null or clicks.mentor_id = $1) and ($2::uuid is null or clicks.code_id = $2)
  and ($3::text is null or clicks.class = $3)`;

function filterValues(filter: ClickFilter): unknown[] {
  return [filter.mentorId ?? null, filter.codeId ?? null, filter.class ?? null];
}

/**
 * Clicks that the session may see and that still have their raw row, newest first. The place in the list is the row's own
 * (`(12,7)`): raw rows are never updated, so it stays.
 */
export async function listClicks(
  session: Session,
  filter: ClickFilter,
  request: PageRequest,
): Promise<Page<ListedClick>> {
  const page = readPageRequest(request);
  const rows = await session.query<ListedClick & { id: string }>(
    `select clicks.ctid::text as id, ${clickFacts}
     from verve.referral_clicks as clicks
     join verve.referral_codes as codes on codes.id = clicks.code_id
     ${filterClicks} and ($4::timestamptz is null or (clicks.created_at, clicks.ctid) < ($4::timestamptz, $5::tid))
     order by clicks.created_at desc, clicks.ctid desc limit $6 offset $7`,
    [
      ...filterValues(filter),
      page.after?.createdAt.toISOString() ?? null,
      page.after?.id ?? null,
      page.limit + 1,
      page.offset,
    ],
  );
  const { items, next } = makePage(rows, page.limit);
  return { items: items.map(({ id: _, ...click }) => click), next };
}

/** How many clicks `listClicks` goes through; counted up to `most`. */
export async function countClicks(session: Session, filter: ClickFilter, most = 10_000): Promise<number> {
  const rows = await session.query<{ clicks: number }>(
    `select count(*)::int as clicks from (
       select from verve.referral_clicks as clicks ${filterClicks} limit $4) as first_ones`,
    [...filterValues(filter), most],
  );
  return rows[0]?.clicks ?? 0;
}

/**
 * Deletes a click and takes it out of the counts of its day, in one statement; its token is forgotten with it. False =
 * there was none.
 */
export async function deleteClick(session: Session, clickId: string): Promise<boolean> {
  const rows = await session.query<{ gone: number }>(
    `with gone as (
       delete from verve.referral_clicks where id = $1
       returning id, org_id, code_id, mentor_id, day, class, channel, created_at
     ), uncounted as (
       insert into verve.click_deltas (org_id, code_id, mentor_id, day, hits, class, channel)
       select org_id, code_id, mentor_id, day, -1, class, channel from gone
     ), forgotten as (
       delete from verve.click_tokens using gone
       where click_tokens.created_at = gone.created_at and click_tokens.click_id = gone.id
     )
     select count(*)::int as gone from gone`,
    [clickId],
  );
  return (rows[0]?.gone ?? 0) > 0;
}

/** A person's click that a token remembers. */
export interface TokenClick {
  clickId: string;
  codeId: string;
  code: string;
  occurredAt: Date;
  day: string;
  channel: ShareChannel | null;
}

/** The last or first human click with the token in `[registeredAt − window, registeredAt]`, both ends included. */
export async function findTokenClick(
  session: Session,
  wanted: { tokenHashes: readonly string[]; registeredAt: Date | null; windowHours: number; mode: 'last' | 'first' },
): Promise<TokenClick | null> {
  const direction = wanted.mode === 'last' ? 'desc' : 'asc';
  const rows = await session.query<TokenClick>(
    `with span as (
       select coalesce($2::timestamptz(3), verve.clock()) as until,
         coalesce($2::timestamptz(3), verve.clock()) - make_interval(hours => $3) as since
     )
     select tokens.click_id as "clickId", tokens.code_id as "codeId", codes.code,
       tokens.occurred_at as "occurredAt", tokens.day,
       nullif(tokens.channel, 'unknown') as channel
     from span cross join unnest($1::uuid[]) as wanted (token_hash)
     join verve.click_tokens as tokens on tokens.token_hash = wanted.token_hash
       and tokens.occurred_at between span.since and span.until and tokens.created_at >= span.since
     join verve.referral_codes as codes on codes.org_id = tokens.org_id and codes.id = tokens.code_id
     where tokens.class = 'human'
     order by tokens.occurred_at ${direction}, tokens.created_at ${direction} limit 1`,
    [wanted.tokenHashes, wanted.registeredAt?.toISOString() ?? null, wanted.windowHours],
  );
  return rows[0] ?? null;
}
