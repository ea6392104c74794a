import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';

export const bench = {
  orgId: '0a0a0a0a-0000-4000-8000-00000000beef',
  coordinatorId: '0b0b0b0b-0000-4000-8000-0000000000c0',
  countyCoordinatorId: '0b0b0b0b-0000-4000-8000-0000000000c1',
  branches: 200,
  mentors: 2_000,
  days: 120,
};

/** An organisation with ten counties, local branches below them, mentors, codes, two coordinators, shares and recruits. */
export async function loadOrganisation(owner: Client): Promise<void> {
  const { orgId, branches, mentors, days } = bench;
  await owner.query(`insert into verve.organisations (id, slug, name) values ($1, 'bench', 'Lydhør')`, [orgId]);
  await owner.query(
    `insert into verve.branches (org_id, name, kind) select $1::uuid, 'Fylke ' || n, 'county' from generate_series(1, 10) n`,
    [orgId],
  );
  await owner.query(
    `with counties as (select id, row_number() over (order by name) as n from verve.branches where org_id = $1)
     insert into verve.branches (org_id, parent_id, name)
     select $1::uuid, counties.id, 'Lag ' || local from generate_series(1, $2::int - 10) as local join counties on counties.n = 1 + local % 10`,
    [orgId, branches],
  );
  await owner.query(
    `with local as (select id, row_number() over (order by id) as n, count(*) over () as every from verve.branches
       where org_id = $1 and parent_id is not null)
     insert into verve.mentors (org_id, display_name, branch_id)
     select $1::uuid, 'Likeperson ' || mentor, local.id from generate_series(1, $2::int) as mentor
     join local on local.n = 1 + mentor % local.every`,
    [orgId, mentors],
  );
  await owner.query(
    `create table public.bench_codes as
     select mentors.org_id, mentors.id as mentor_id, gen_random_uuid() as code_id, row_number() over (order by mentors.id) as number,
       lpad(row_number() over (order by mentors.id)::text, 10, '0') as code
     from verve.mentors where mentors.org_id = $1`,
    [orgId],
  );
  await owner.query('alter table public.bench_codes add primary key (number)');
  await owner.query('insert into verve.code_directory (code, org_id) select code, org_id from public.bench_codes');
  await owner.query(
    `insert into verve.referral_codes (id, org_id, owner_ref, code, rotation_sequence)
     select code_id, org_id, mentor_id, code, 0 from public.bench_codes`,
  );
  await owner.query(
    `insert into verve.roles (org_id, user_id, role, branch_id) select $1::uuid, $2::uuid, 'coordinator', null
     union all select $1::uuid, $3::uuid, 'coordinator', id from verve.branches where org_id = $1 and name = 'Fylke 3'`,
    [orgId, bench.coordinatorId, bench.countyCoordinatorId],
  );
  await owner.query(
    `insert into verve.shares (org_id, code_id, owner_ref, channel, shared_at, day)
     select $1::uuid, codes.code_id, codes.mentor_id, 'sms', moment.at, moment.at::date
     from generate_series(1, 20000) as n join public.bench_codes as codes on codes.number = 1 + n * 7919::bigint % $2::int
     cross join lateral (select now() - make_interval(secs => n * 86400.0 * $3::int / 20000) as at) as moment`,
    [orgId, mentors, days],
  );
  await owner.query(
    `with recruits as (
       select n, codes.code_id, codes.mentor_id, gen_random_uuid() as source_id, n % 10 < 6 as is_confirmed,
         now() - make_interval(secs => n * 86400.0 * $3::int / 5000) as registered_at
       from generate_series(1, 5000) as n join public.bench_codes as codes on codes.number = 1 + (n * 104729::bigint) % $2::int
     ), sources as (
       insert into verve.sources (id, org_id, ref) select source_id, $1, 'M' || n from recruits where is_confirmed
     )
     insert into verve.referral_attributions (org_id, code_id, owner_model, owner_ref, source_id, linked_by, is_counted, status,
       registered_at, registered_day, clicked_at, clicked_day, click_channel, confirmed_at, confirmed_day, credited_at, credited_day)
     select $1::uuid, code_id, 'mentor', mentor_id, case when is_confirmed then source_id end, case when is_confirmed then 'member' end, true,
       case when is_confirmed then 'confirmed' else 'pending' end, registered_at, registered_at::date,
       registered_at - interval '1 hour', (registered_at - interval '1 hour')::date, 'sms',
       case when is_confirmed then least(now(), registered_at + interval '9 days') end,
       case when is_confirmed then least(now(), registered_at + interval '9 days')::date end,
       case when is_confirmed then least(now(), registered_at + interval '9 days') end,
       case when is_confirmed then least(now(), registered_at + interval '9 days')::date end
     from recruits`,
    [orgId, mentors, days],
  );
}

/**
 * Loads clicks over the last `bench.days` days, more for some mentors than for others, raw rows and their counts as recording
 * leaves them; another connection folds meanwhile, as in life.
 */
export async function loadClicks(options: { writer: Client; folder: Client; clicks: number }): Promise<void> {
  const { writer, folder, clicks } = options;
  await writer.query('select verve_private.make_click_partitions()');
  for (let month = 0; month <= 5; month += 1) {
    await writer.query(
      `select verve_private.make_click_partition('referral_clicks', m.at, m.at + interval '1 month', to_char(m.at, 'YYYY_MM'))
       from (select date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - make_interval(months => $1::int) as at) as m`,
      [month],
    );
  }
  let isWritten = false;
  const fold = async (): Promise<void> => {
    for (;;) {
      const wasWritten = isWritten;
      const { rows } = await folder.query<{ lines: number }>('select verve_private.fold_click_deltas(200000) as lines');
      if (rows[0]?.lines !== 0) continue;
      if (wasWritten) return;
      await sleep(200);
    }
  };
  const write = async (): Promise<void> => {
    const part = 250_000;
    for (let first = 0; first < clicks; first += part)
      await writer.query(writePart, [first, part, bench.days, bench.mentors, clicks]);
    isWritten = true;
  };
  await Promise.all([write(), fold()]);
}

// Part of the clicks, oldest first: $1 how many are written, $2 how many now, of $5 over $3 days for $4 mentors.
const writePart = `
  with spread as (
    select number, now() - make_interval(secs => ($5::int - number) * 86400::float8 * $3::int / $5::int) as moment,
      1 + floor($4::int * power((number * 7919::bigint) % 10007 / 10007::float8, 1.5))::int as code_number,
      (number * 31::bigint) % 100 as luck
    from generate_series($1::int + 1, least($1::int + $2::int, $5::int)) as number
  ), stored as (
    insert into verve.referral_clicks (created_at, occurred_at, day, org_id, code_id, mentor_id, class, channel)
    select spread.moment, spread.moment, (spread.moment at time zone 'Europe/Oslo')::date, codes.org_id, codes.code_id,
      codes.mentor_id,
      case when spread.luck < 80 then 'human' when spread.luck < 92 then 'preview' when spread.luck < 95 then 'prefetch'
        when spread.luck < 99 then 'crawler' else 'other' end,
      (array['whatsapp', 'sms', 'email', 'messenger', 'facebook', 'qr', 'poster', 'unknown'])[1 + spread.number % 8]
    from spread join public.bench_codes as codes on codes.number = spread.code_number
    returning org_id, code_id, mentor_id, day, class, channel
  )
  insert into verve.click_deltas (org_id, code_id, mentor_id, day, hits, class, channel)
  select org_id, code_id, mentor_id, day, count(*), class, channel from stored
  group by org_id, code_id, mentor_id, day, class, channel`;
