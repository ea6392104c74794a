import { Client } from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { migrate } from '../../src/server/migrate.ts';

export const codesOfBench = 600;
const orgId = '0a0a0a0a-0000-4000-8000-00000000beef';

/** A durable embedded PostgreSQL with one organisation and 600 mentors' codes. */
export interface Stage {
  postgres: EmbeddedPostgres;
  superuser: Client;
  paths: string[];
  /** Raw clicks stored so far. */
  countClicks(): Promise<number>;
  /** What PostgreSQL counted of its log so far; the time of its syncs where it is told to take it. */
  readWal(): Promise<{ bytes: number; fullPages: number; syncs: number; syncMs: number }>;
}

/** Codes and mentors have ids made of their number, so that pgbench can make them up without a look-up. */
export async function setStage(dataDir: string): Promise<Stage> {
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { track_wal_io_timing: 'on' } });
  await migrate({ adminUrl: postgres.url('owner'), appPassword: postgres.passwords.app });
  const superuser = new Client({ connectionString: postgres.url('superuser', 'verve') });
  superuser.on('error', () => {});
  await superuser.connect();
  await superuser.query(
    `insert into verve.organisations (id, slug, name, join_url_template, link_domains)
     values ($1, 'bench', 'Lydhør', 'https://medlem.example.no/bli?ref={code}', '{medlem.example.no}')`,
    [orgId],
  );
  await superuser.query(
    `insert into verve.mentors (id, org_id, display_name)
     select ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, $1, 'Likeperson ' || n from generate_series(1, $2::int) as n`,
    [orgId, codesOfBench],
  );
  await superuser.query(
    `insert into verve.code_directory (code, org_id) select lpad(n::text, 10, '0'), $1 from generate_series(1, $2::int) as n`,
    [orgId, codesOfBench],
  );
  await superuser.query(
    `insert into verve.referral_codes (id, org_id, owner_ref, code, rotation_sequence)
     select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, '00000000-0000-4000-9000-' || lpad(n::text, 12, '0'),
       lpad(n::text, 10, '0'), 0
     from generate_series(1, $2::int) as n`,
    [orgId, codesOfBench],
  );
  await superuser.query('select verve_private.make_click_partitions()');
  await superuser.query('analyze');
  return {
    postgres,
    superuser,
    paths: Array.from({ length: codesOfBench }, (_, index) => `/r/${String(index + 1).padStart(10, '0')}`),
    async countClicks() {
      const { rows } = await superuser.query<{ n: number }>('select count(*)::float8 as n from verve.referral_clicks');
      return rows[0]?.n ?? 0;
    },
    async readWal() {
      const { rows } = await superuser.query<{ bytes: number; fullPages: number; syncs: number; syncMs: number }>(
        `select wal_bytes::float8 as bytes, wal_fpi::int as "fullPages",
           (select coalesce(sum(fsyncs), 0)::int from pg_stat_io where object = 'wal' and context = 'normal') as syncs,
           (select coalesce(sum(fsync_time), 0) from pg_stat_io where object = 'wal' and context = 'normal') as "syncMs"
         from pg_stat_wal`,
      );
      return rows[0] ?? { bytes: 0, fullPages: 0, syncs: 0, syncMs: 0 };
    },
  };
}

const row = `now(), now(), current_date, '${orgId}',
  ('00000000-0000-4000-8000-' || lpad(:number::text, 12, '0'))::uuid, ('00000000-0000-4000-9000-' || lpad(:number::text, 12, '0'))::uuid`;

/** What pgbench runs: the row of a click and the line of its count, one statement a click. */
export const pgbenchScript = `\\set number random(1, ${codesOfBench})
with click as (
  insert into verve.referral_clicks (created_at, occurred_at, day, org_id, code_id, mentor_id, class, channel)
  values (${row}, 'human', 'unknown') returning org_id, code_id, mentor_id, day, class, channel
)
insert into verve.click_deltas (org_id, code_id, mentor_id, day, hits, class, channel)
select org_id, code_id, mentor_id, day, 1, class, channel from click;
`;

/** Copies the same rows into the same tables from files that the server reads itself; gives rows a second. */
export async function measureCopy(stage: Stage, rows: number): Promise<number> {
  const { superuser } = stage;
  const { rows: found } = await superuser.query<{ directory: string }>(
    "select current_setting('data_directory') as directory",
  );
  const directory = found[0]?.directory ?? '/tmp';
  const line = row.replaceAll(':number', '(1 + n % 600)');
  await superuser.query(
    `copy (select ${line}, 'human' from generate_series(1, ${rows}) as n) to '${directory}/bench-clicks.copy'`,
  );
  await superuser.query(
    `copy (select '${orgId}', code_id, mentor_id, current_date, 1, 'human', 'unknown' from (
       select ('00000000-0000-4000-8000-' || lpad((1 + n % 600)::text, 12, '0')) as code_id,
         ('00000000-0000-4000-9000-' || lpad((1 + n % 600)::text, 12, '0')) as mentor_id from generate_series(1, ${rows}) as n) as lines
     ) to '${directory}/bench-deltas.copy'`,
  );
  const start = performance.now();
  await superuser.query('begin');
  await superuser.query(
    `copy verve.referral_clicks (created_at, occurred_at, day, org_id, code_id, mentor_id, class) from '${directory}/bench-clicks.copy'`,
  );
  await superuser.query(
    `copy verve.click_deltas (org_id, code_id, mentor_id, day, hits, class, channel) from '${directory}/bench-deltas.copy'`,
  );
  await superuser.query('commit');
  return (rows * 1_000) / (performance.now() - start);
}
