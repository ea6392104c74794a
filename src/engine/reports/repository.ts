import type { Session } from '../database.ts';

/**
 * What a report is about: an organisation's days `[fromDay, toDay)`, narrowed to a mentor or to branches and all below
 * them.
 */
export interface ReportScope {
  orgId: string;
  fromDay: string;
  toDay: string;
  mentorId?: string | null | undefined;
  branchIds?: readonly string[] | null | undefined;
}

/** The stages of a range, each counted by its own day. */
export interface StageCounts {
  shared: number;
  clicked: number;
  /** Presses on "join": a stronger signal than a click, and no stage. */
  joined: number;
  registered: number;
  confirmed: number;
  credited: number;
}

export interface FunnelRow extends StageCounts {
  creditedWithoutClick: number;
  medianClickedToRegisteredSeconds: number | null; // null = no linked steps
  medianRegisteredToConfirmedSeconds: number | null;
  /** Hits that were no people. */
  previews: number;
  prefetches: number;
  crawlers: number;
  others: number;
}

const funnelColumns = `shared, clicked, joined, registered, confirmed, credited, credited_without_click as "creditedWithoutClick",
  median_clicked_to_registered_seconds as "medianClickedToRegisteredSeconds",
  median_registered_to_confirmed_seconds as "medianRegisteredToConfirmedSeconds", previews, prefetches, crawlers, others`;

const scopeValues = (scope: ReportScope): unknown[] => [
  scope.orgId,
  scope.fromDay,
  scope.toDay,
  scope.mentorId ?? null,
  scope.branchIds ?? null,
];

export async function readFunnel(session: Session, scope: ReportScope): Promise<FunnelRow> {
  const rows = await session.query<FunnelRow>(
    `select ${funnelColumns} from verve_api.get_conversion_funnel($1, $2, $3, $4, $5)`,
    scopeValues(scope),
  );
  return rows[0] as FunnelRow;
}

export interface MentorRow extends StageCounts {
  mentorId: string;
  displayName: string;
  branchId: string | null; // null = of the organisation itself
  status: 'active' | 'paused' | 'left';
  creditedWithoutClick: number;
  /** Credits by human clicks: 0 without clicks, at most 1. */
  conversionRate: number;
  /** The mentor's latest share, also outside the range; null = has never shared. */
  lastSharedAt: Date | null;
}

/** Every mentor whom the session sees, by credits, then rate, then id; or by rate first. */
export function readMentors(session: Session, scope: ReportScope, sort: 'credited' | 'rate'): Promise<MentorRow[]> {
  const order = sort === 'rate' ? 'conversion_rate desc, credited desc' : 'credited desc, conversion_rate desc';
  return session.query<MentorRow>(
    `select mentor_id as "mentorId", display_name as "displayName", branch_id as "branchId", status, shared, clicked, joined,
       registered, confirmed, credited, credited_without_click as "creditedWithoutClick", conversion_rate::float8 as "conversionRate",
       last_shared_at as "lastSharedAt"
     from verve_api.get_mentor_conversion_totals($1, $2, $3, $4, $5) order by ${order}, mentor_id`,
    scopeValues(scope),
  );
}

export interface BranchRow extends StageCounts {
  branchId: string | null; // null = mentors of no branch
  name: string | null;
  parentId: string | null;
  kind: string | null;
  mentors: number;
  conversionRate: number;
}

/** Every branch whom the session sees, by credits, then name. Each with its own figures, not those below it. */
export function readBranches(session: Session, scope: Omit<ReportScope, 'mentorId'>): Promise<BranchRow[]> {
  return session.query<BranchRow>(
    `select branch_id as "branchId", name, parent_id as "parentId", kind, mentors, shared, clicked, joined, registered, confirmed,
       credited, conversion_rate::float8 as "conversionRate"
     from verve_api.get_branch_totals($1, $2, $3, $4) order by credited desc, name, branch_id`,
    [scope.orgId, scope.fromDay, scope.toDay, scope.branchIds ?? null],
  );
}

export interface ChannelRow {
  /** `unknown` = the link named none. */
  channel: string;
  shared: number;
  clicked: number;
  joined: number;
  registered: number;
  credited: number;
}

export function readChannels(session: Session, scope: Omit<ReportScope, 'mentorId'>): Promise<ChannelRow[]> {
  return session.query<ChannelRow>(
    `select channel, shared, clicked, joined, registered, credited
     from verve_api.get_channel_totals($1, $2, $3, $4) order by clicked desc, channel`,
    [scope.orgId, scope.fromDay, scope.toDay, scope.branchIds ?? null],
  );
}

export interface TimelineRow extends StageCounts {
  day: string;
}

/** One row a day, without gaps. */
export function readTimeline(session: Session, scope: ReportScope): Promise<TimelineRow[]> {
  return session.query<TimelineRow>(
    `select day, shared, clicked, joined, registered, confirmed, credited
     from verve_api.get_timeline($1, $2, $3, $4, $5) order by day`,
    scopeValues(scope),
  );
}

export interface AttributionCounts {
  totalClicks: number;
  pendingCount: number;
  confirmedCount: number;
  conversionRate: number;
  creditedWithoutClick: number;
  totalShares: number;
}

/** Counts over all time. `confirmedCount` is what is credited. */
export async function readAttributionCounts(
  session: Session,
  wanted: { orgId: string; mentorId: string | null },
): Promise<AttributionCounts> {
  const rows = await session.query<AttributionCounts>(
    `select total_clicks as "totalClicks", pending_count as "pendingCount", confirmed_count as "confirmedCount",
       conversion_rate::float8 as "conversionRate", credited_without_click as "creditedWithoutClick", total_shares as "totalShares"
     from verve_api.get_attribution_counts($1, $2)`,
    [wanted.orgId, wanted.mentorId],
  );
  return rows[0] as AttributionCounts;
}
