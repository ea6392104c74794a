import type { OutcomeCounts } from '../attributions/count-outcomes.ts';
import type { Session } from '../database.ts';

export type RunTrigger = 'schedule' | 'person' | 'command';

/** One reconciliation, running or ended. */
export interface Run {
  runId: string;
  trigger: RunTrigger;
  status: 'running' | 'succeeded' | 'failed';
  /** Rows changed at or after this moment were read; null = all. */
  since: Date | null;
  startedAt: Date;
  finishedAt: Date | null;
  pages: number;
  counts: Pick<OutcomeCounts, 'seen' | 'matched' | 'credited' | 'alreadyKnown' | 'toInbox' | 'failed'>;
  errorCode: string | null;
  errorDetail: string | null;
}

const runColumns = `
  r.id as "runId", r.trigger, r.status, r.since, r.started_at as "startedAt", r.finished_at as "finishedAt", r.pages,
  jsonb_build_object('seen', r.seen, 'matched', r.matched, 'credited', r.credited, 'alreadyKnown', r.already_known,
    'toInbox', r.to_inbox, 'failed', r.failed) as counts,
  r.error_code as "errorCode", r.error_detail as "errorDetail"`;

// A running run that has been silent for three minutes was cut off: it ends, and the next goes on where it stopped.
const endSilentRun = `
update verve.reconciliation_runs
set status = 'failed', finished_at = verve.clock(), error_code = 'interrupted',
  error_detail = 'The process that ran it ended. The next run goes on from there.'
where org_id = $1 and status = 'running' and heartbeat_at < verve.clock() - interval '3 minutes'`;

// What the last successful run saw began at its watermark; a run that failed after it dealt with changes up to its
// resume_from. Both less the overlap. No run yet: from the beginning.
const insertRun = `
with success as (
  select max(runs.watermark) as watermark from verve.reconciliation_runs runs where runs.org_id = $1 and runs.status = 'succeeded'
), reached as (
  select greatest(success.watermark, max(runs.resume_from)) as reached
  from success left join verve.reconciliation_runs runs
    on runs.org_id = $1 and runs.status = 'failed' and (success.watermark is null or runs.started_at > success.watermark)
  group by success.watermark
), regular as (
  select reached.reached - interval '48 hours' as since from reached
)
insert into verve.reconciliation_runs (org_id, trigger, since, is_gapless)
select $1, $2, case when $3 then $4::timestamptz else regular.since end,
  not $3 or $4::timestamptz is null or coalesce($4::timestamptz <= regular.since, false)
from regular
on conflict (org_id) where status = 'running' do nothing
returning id as "runId", since`;

/**
 * Starts a run, or answers null while another is at work. `from` overrides where to begin: undefined = where the last
 * one got to, null = the beginning.
 */
export async function startRun(
  session: Session,
  trigger: RunTrigger,
  from: Date | null | undefined,
): Promise<{ runId: string; since: Date | null } | null> {
  await session.query(endSilentRun, [session.orgId]);
  const rows = await session.query<{ runId: string; since: Date | null }>(insertRun, [
    session.orgId,
    trigger,
    from !== undefined,
    from ?? null,
  ]);
  return rows[0] ?? null;
}

const addProgress = `
update verve.reconciliation_runs
set seen = seen + $3, matched = matched + $4, credited = credited + $5, already_known = already_known + $6,
  to_inbox = to_inbox + $7, failed = failed + $8, pages = pages + 1, heartbeat_at = verve.clock(),
  resume_from = case when is_gapless then coalesce($9, resume_from) end
where org_id = $1 and id = $2 and status = 'running'
returning id`;

/** Adds a page's counts, in the transaction of its facts. False = the run was ended meanwhile: stop. */
export async function recordPage(
  session: Session,
  runId: string,
  counts: OutcomeCounts,
  changedUntil: Date | null,
): Promise<boolean> {
  const { seen, matched, credited, alreadyKnown, toInbox, failed } = counts;
  const values = [session.orgId, runId, seen, matched, credited, alreadyKnown, toInbox, failed, changedUntil];
  return (await session.query(addProgress, values)).length > 0;
}

/** Says that the run is alive. */
export async function beat(session: Session, runId: string): Promise<void> {
  await session.query(
    `update verve.reconciliation_runs set heartbeat_at = verve.clock() where org_id = $1 and id = $2 and status = 'running'`,
    [session.orgId, runId],
  );
}

const end = `
update verve.reconciliation_runs r
set status = case when $3::text is null then 'succeeded' else 'failed' end, finished_at = verve.clock(),
  watermark = case when $3::text is null and r.is_gapless then r.started_at end, error_code = $3, error_detail = $4
where r.org_id = $1 and r.id = $2 and r.status = 'running'`;

/** Ends a run; only a success without a gap before it moves the watermark. Repeating it changes nothing. */
export async function endRun(
  session: Session,
  runId: string,
  error: { code: string; detail: string } | null,
): Promise<void> {
  await session.query(end, [session.orgId, runId, error?.code ?? null, error?.detail ?? null]);
}

/** The run with that id, or null. */
export async function getRun(session: Session, runId: string): Promise<Run | null> {
  const text = `select ${runColumns} from verve.reconciliation_runs r where r.org_id = $1 and r.id = $2`;
  return (await session.query<Run>(text, [session.orgId, runId]))[0] ?? null;
}

/** The newest runs, newest first. */
export async function listRuns(session: Session, limit: number): Promise<Run[]> {
  const text = `select ${runColumns} from verve.reconciliation_runs r where r.org_id = $1
    order by r.started_at desc, r.id desc limit $2`;
  return session.query<Run>(text, [session.orgId, limit]);
}
