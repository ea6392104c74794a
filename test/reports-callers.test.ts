import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase } from './harness.ts';
import { makeSite } from './http-site.ts';
import { type Person, type Population, personKinds, populate } from './people-site.ts';

// The matrix of reports: every report function × every kind of caller, as SQL, against rows of the own branch, another branch
// and another organisation. What is expected is counted from raw rows by the owner, mentor by mentor.

let population: Population;
let client: PoolClient;
const codes = new Map<string, string>();

/** The figures of some mentors, from raw rows. */
interface Figures {
  shared: number;
  clicked: number;
  registered: number;
  confirmed: number;
  credited: number;
}
const nothing: Figures = { shared: 0, clicked: 0, registered: 0, confirmed: 0, credited: 0 };

beforeAll(async () => {
  population = await populate(await makeSite());
  const { pool, adminPool } = await testDatabase();
  client = await pool.connect();
  const { rows } = await adminPool.query('select org_id, mentor_id, id from verve.referral_codes');
  for (const row of rows) codes.set(`${row.org_id} ${row.mentor_id}`, row.id);
  // Different numbers for each, some folded, some not.
  const { own, foreign, twin } = population;
  const { near, far, free } = population.mentors;
  await click(own.orgId, near.mentorId, 2);
  await click(foreign.orgId, population.foreignMentorId, 7);
  await click(foreign.orgId, twin.mentorId, 11);
  await adminPool.query('select verve_private.fold_click_deltas()');
  await click(own.orgId, far.mentorId, 3);
  await click(own.orgId, free.mentorId, 5);
});
afterAll(() => client.release());

async function click(orgId: string, mentorId: string, times: number): Promise<void> {
  const { adminPool } = await testDatabase();
  const unknown = Array.from({ length: times }, () => null);
  await adminPool.query(
    `select verve_private.record_clicks($1::uuid[], $2::text[], $3::text[], $4::text[], $4::text[])`,
    [
      unknown.map(() => codes.get(`${orgId} ${mentorId}`)),
      unknown.map(() => 'human'),
      unknown.map(() => 'sms'),
      unknown,
    ],
  );
}

async function countRaw(orgId: string, mentorIds: readonly string[]): Promise<Figures> {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<Figures>(
    `select (select count(*)::int from verve.shares where org_id = $1 and mentor_id = any ($2)) as shared,
       (select count(*)::int from verve.referral_clicks where org_id = $1 and mentor_id = any ($2) and class = 'human') as clicked,
       count(*)::int as registered, count(*) filter (where status = 'confirmed')::int as confirmed,
       count(*) filter (where is_credited)::int as credited
     from verve.referral_attributions where org_id = $1 and mentor_id = any ($2)`,
    [orgId, mentorIds],
  );
  return rows[0] as Figures;
}

/** Every report of one organisation as whoever the transaction is, each added up to the same figures. */
async function readReports(orgId: string, narrowed: { mentorId?: string; branchIds?: string[] } = {}) {
  const values = [orgId, narrowed.mentorId ?? null, narrowed.branchIds ?? null];
  const range = `$1, (now() - interval '30 days')::date, (now() + interval '2 days')::date`;
  const sum = (...names: (keyof Figures)[]) =>
    `select ${names.map((name) => `coalesce(sum(${name}), 0)::int as ${name}`).join(', ')} from`;
  const all = ['shared', 'clicked', 'registered', 'confirmed', 'credited'] as const;
  const read = async (text: string, given: unknown[] = values) => (await client.query(text, given)).rows[0];
  const byBranch = [orgId, values[2]];
  return {
    funnel: await read(`${sum(...all)} verve_api.get_conversion_funnel(${range}, $2, $3)`),
    mentors: await read(`${sum(...all)} verve_api.get_mentor_conversion_totals(${range}, $2, $3)`),
    timeline: await read(`${sum(...all)} verve_api.get_timeline(${range}, $2, $3)`),
    ...(narrowed.mentorId === undefined && {
      branches: await read(`${sum(...all)} verve_api.get_branch_totals(${range}, $2)`, byBranch),
      channels: await read(
        `${sum('shared', 'clicked', 'registered', 'credited')} verve_api.get_channel_totals(${range}, $2)`,
        byBranch,
      ),
    }),
  };
}

/** The same figures in each report. */
function everywhere(figures: Figures, isOfMentor = false) {
  const { confirmed: _, ...ofChannels } = figures;
  const byMentor = { funnel: figures, mentors: figures, timeline: figures };
  return isOfMentor ? byMentor : { ...byMentor, branches: figures, channels: ofChannels };
}

async function as<Result>(
  role: string,
  settings: Record<string, string>,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('begin');
  try {
    for (const [name, value] of Object.entries({ ...settings, role }))
      await client.query('select set_config($1, $2, true)', [name, value]);
    return await work();
  } finally {
    await client.query('rollback');
  }
}

function asPerson<Result>(person: Person, work: () => Promise<Result>): Promise<Result> {
  const { userId, claims } = population.people[person];
  const token = JSON.stringify({ sub: userId, role: 'authenticated', ...claims });
  return as('authenticated', { 'request.jwt.claims': token }, work);
}

/** Whose figures a person reads in the own organisation. */
function mentorsSeen(person: Person): string[] {
  const { near, far, free } = population.mentors;
  if (person === 'branchCoordinator' || person === 'countyCoordinator') return [near.mentorId];
  if (person === 'coordinator' || person === 'admin') return [near.mentorId, far.mentorId, free.mentorId];
  return [];
}

/** What is to be read: a mentor's own shares are the one thing of reports that the tables show him. */
async function figuresFor(person: Person): Promise<Figures> {
  if (person !== 'mentor') return countRaw(population.own.orgId, mentorsSeen(person));
  const own = await countRaw(population.own.orgId, [population.mentors.near.mentorId]);
  return { ...nothing, shared: own.shared };
}

describe.each(personKinds)('as %s', (person) => {
  test('every report of the own organisation is of what is in scope, and of nothing else', async () => {
    const expected = await figuresFor(person);
    expect(expected.clicked > 0).toBe(mentorsSeen(person).length > 0);
    expect(await asPerson(person, () => readReports(population.own.orgId))).toEqual(everywhere(expected));
  });

  test('every report of another organisation is zeros', async () => {
    const other = person === 'foreignAdmin' ? population.own : population.foreign;
    expect(await asPerson(person, () => readReports(other.orgId))).toEqual(everywhere(nothing));
    if (person !== 'foreignAdmin') return;
    const theirs = await countRaw(population.foreign.orgId, [population.foreignMentorId, population.twin.mentorId]);
    expect(await asPerson(person, () => readReports(population.foreign.orgId))).toEqual(everywhere(theirs));
  });

  test('a report narrowed to another branch or its mentor shows no more', async () => {
    const { far, near } = population.mentors;
    const seen = mentorsSeen(person);
    const ofFar = seen.includes(far.mentorId) ? await countRaw(population.own.orgId, [far.mentorId]) : nothing;
    const branchIds = [population.farIds.branches as string];
    await asPerson(person, async () => {
      expect(await readReports(population.own.orgId, { branchIds })).toEqual(everywhere(ofFar));
      expect(await readReports(population.own.orgId, { mentorId: far.mentorId })).toEqual(everywhere(ofFar, true));
    });
    if (seen.length === 0) return;
    const ofNear = await countRaw(population.own.orgId, [near.mentorId]);
    const narrowed = await asPerson(person, () => readReports(population.own.orgId, { mentorId: near.mentorId }));
    expect(narrowed).toEqual(everywhere(ofNear, true));
  });

  test('the rows of mentors and branches, and the counts over all time, are of those in scope', async () => {
    const { near } = population.mentors;
    const seen = mentorsSeen(person);
    const expected = await countRaw(population.own.orgId, seen);
    await asPerson(person, async () => {
      const range = `$1, (now() - interval '30 days')::date, (now() + interval '2 days')::date`;
      const values = [population.own.orgId];
      const mentors = await client.query(
        `select mentor_id from verve_api.get_mentor_conversion_totals(${range}) order by 1`,
        values,
      );
      const named = person === 'mentor' ? [near.mentorId] : seen;
      expect(mentors.rows.map((row) => row.mentor_id)).toEqual([...named].sort());
      const branches = await client.query(
        `select branch_id from verve_api.get_branch_totals(${range}) where mentors > 0 or clicked > 0`,
        values,
      );
      expect(branches.rows.map((row) => row.branch_id).includes(population.farIds.branches)).toBe(seen.length > 1);
      const counts = await client.query(
        'select total_clicks as clicked, confirmed_count as credited from verve_api.get_attribution_counts($1)',
        values,
      );
      expect(counts.rows).toEqual([{ clicked: expected.clicked, credited: expected.credited }]);
    });
  });
});

test('the server within an organisation, as for a key, reads all of that one and zeros of another', async () => {
  const { own, foreign, mentors } = population;
  const everybody = [mentors.near.mentorId, mentors.far.mentorId, mentors.free.mentorId];
  const expected = await countRaw(own.orgId, everybody);
  const asServer = <Result>(work: () => Promise<Result>) => as('verve_engine', { 'verve.org': own.orgId }, work);
  expect(await asServer(() => readReports(own.orgId))).toEqual(everywhere(expected));
  expect(await asServer(() => readReports(foreign.orgId))).toEqual(everywhere(nothing));
});

test('a click is in every report at once, folded or not, also where one connection asks again as somebody else', async () => {
  const { near, far, free } = population.mentors;
  const { adminPool } = await testDatabase();
  const everybody = [near.mentorId, far.mentorId, free.mentorId];
  for (const moment of ['recorded', 'folded', 'recorded after it'] as const) {
    if (moment === 'folded') await adminPool.query('select verve_private.fold_click_deltas()');
    else await click(population.own.orgId, near.mentorId, 1);
    // More often than a plan is made anew, in turns.
    for (let turn = 0; turn < 7; turn += 1) {
      const all = await countRaw(population.own.orgId, everybody);
      expect(await asPerson('coordinator', () => readReports(population.own.orgId)), moment).toEqual(everywhere(all));
      const branch = await countRaw(population.own.orgId, [near.mentorId]);
      expect(await asPerson('countyCoordinator', () => readReports(population.own.orgId))).toEqual(everywhere(branch));
      expect(await asPerson('nobody', () => readReports(population.own.orgId))).toEqual(everywhere(nothing));
    }
  }
});

test('no report can be called without a person', async () => {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ name: string }>(
    `select oid::regprocedure::text as name from pg_proc where pronamespace = 'verve_api'::regnamespace and proname like 'get\\_%'`,
  );
  expect(rows.length).toBe(6);
  const { rows: callable } = await adminPool.query(
    `select proc.oid::regprocedure::text as name, rolname from pg_proc as proc cross join pg_roles
     where pronamespace = 'verve_api'::regnamespace and proname like 'get\\_%'
       and rolname in ('anon', 'service_role', 'verve_ingest', 'verve_app') and has_function_privilege(pg_roles.oid, proc.oid, 'execute')
       and has_schema_privilege(pg_roles.oid, 'verve_api', 'usage')`,
  );
  expect(callable).toEqual([]);
  const claimless = await as('authenticated', {}, () => readReports(population.own.orgId));
  expect(claimless).toEqual(everywhere(nothing));
});
