import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { type LoadResult, runClosedLoop } from './load.ts';

// The rows of one confirmation, written into the same tables by one statement, without reading or deciding anything.
const sameRows = `
with received as (
  insert into verve.inbound_messages (org_id, channel, message_id, body_digest, sealed_body, status, processed_at)
  values ($1, 'neutral', $2, '\\x00', $3, 'processed', now())
), source as (
  insert into verve.sources (org_id, ref, newest_fact_at, newest_fact_rank) values ($1, $2, now(), 1) returning id
), attribution as (
  insert into verve.referral_attributions (org_id, code_id, owner_model, owner_ref, source_id, is_counted, status, linked_by,
    registered_at, registered_day, confirmed_at, confirmed_day, credited_at, credited_day, is_registration_implied)
  select $1, codes.id, codes.owner_model, codes.owner_ref, source.id, true, 'confirmed', 'implied',
    now(), current_date, now(), current_date, now(), current_date, true
  from verve.referral_codes as codes cross join source where codes.code = $4
  returning id, mentor_id, code_id
), fact as (
  insert into verve.attribution_facts (org_id, source_id, attribution_id, kind, code, occurred_at, via, actor, outcome, is_applied)
  select $1, source.id, attribution.id, 'confirmed', $4, now(), 'webhook', 'bare', 'confirmed', true from source cross join attribution
), events as (
  insert into verve.referral_events (org_id, type, mentor_id, code_id, attribution_id, data)
  select $1, named.type, attribution.mentor_id, attribution.code_id, attribution.id, '{}'
  from attribution cross join (values ('registration.recorded'), ('recruitment.confirmed'), ('recruitment.credited')) as named (type)
)
insert into verve.mentor_totals (org_id, mentor_id, credited) select $1, attribution.mentor_id, 1 from attribution
on conflict (org_id, mentor_id) do update set credited = mentor_totals.credited + 1`;

/** How many times a second the same rows can be committed one by one by PostgreSQL, as the owner, over so many connections. */
export function runBare(options: {
  ownerPool: Pool;
  orgId: string;
  codes: readonly string[];
  callers: number;
  seconds: number;
}): Promise<LoadResult> {
  const { ownerPool, orgId, codes, callers, seconds } = options;
  const body = 'x'.repeat(300);
  return runClosedLoop({
    callers,
    seconds,
    request: async (index) => {
      const values = [orgId, `bare-${randomUUID()}`, body, codes[index % codes.length]];
      await ownerPool.query({ name: 'bare', text: sameRows, values });
    },
  });
}
