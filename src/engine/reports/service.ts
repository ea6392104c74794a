import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import { listDescendants } from '../branches/repository.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { branchesAllowed } from '../permissions.ts';
import { type DayRange, rangeBefore, readDayRange } from './day-range.ts';
import { type Funnel, makeFunnel } from './funnel.ts';
import * as repository from './repository.ts';

/** Which report is wanted. `branchIds` stand for everything below them. */
export interface ReportInput {
  fromDay: string;
  toDay: string;
  mentorId?: string | null | undefined;
  branchIds?: readonly string[] | null | undefined;
}

export type FunnelReport = Funnel & { range: DayRange; before: DayRange };

export type ReportsService = ReturnType<typeof createReports>;

/**
 * Reports over days of the organisation, exact and including the click just made. Each comes in two forms: with a call,
 * narrowed to what its actor may see; and with a session, where row-level security has narrowed it already.
 */
export function createReports(parts: EngineParts) {
  function scopeOf(orgId: string, input: ReportInput): repository.ReportScope {
    return {
      orgId: requireUuid(orgId, 'org_id'),
      ...readDayRange(input),
      mentorId: input.mentorId == null ? null : requireUuid(input.mentorId, 'mentor_id'),
      branchIds: input.branchIds == null ? null : input.branchIds.map((id) => requireUuid(id, 'branch_id')),
    };
  }

  /** Runs a report as the engine, for an actor: a mentor only about himself, a coordinator of branches only about those. */
  async function forActor<Result>(
    call: Call,
    input: ReportInput,
    read: (session: Session, scope: repository.ReportScope) => Promise<Result>,
  ): Promise<Result> {
    const scope = scopeOf(call.orgId, input);
    return inOrganisation(parts, call, async (session) => {
      if (scope.mentorId != null) {
        await authoriseAboutMentor(session, call.actor, 'report.read', scope.mentorId);
        return read(session, scope);
      }
      const allowed = branchesAllowed(call.actor, 'report.read');
      if (allowed === null) return read(session, scope);
      if (scope.branchIds == null) return read(session, { ...scope, branchIds: allowed });
      const within = new Set<string>();
      for (const branchId of allowed) {
        for (const id of await listDescendants(session, branchId)) within.add(id);
      }
      if (!scope.branchIds.every((id) => within.has(id))) throw new VerveError('forbidden');
      return read(session, scope);
    });
  }

  async function funnelIn(session: Session, scope: repository.ReportScope): Promise<FunnelReport> {
    const range = { fromDay: scope.fromDay, toDay: scope.toDay };
    const before = rangeBefore(range);
    const now = await repository.readFunnel(session, scope);
    const earlier = await repository.readFunnel(session, { ...scope, ...before });
    return { range, before, ...makeFunnel(now, earlier) };
  }

  return {
    funnel: (input: Call & ReportInput) => forActor(input, input, funnelIn),
    mentors: (input: Call & ReportInput & { sort?: 'credited' | 'rate' }) =>
      forActor(input, input, (session, scope) => repository.readMentors(session, scope, input.sort ?? 'credited')),
    branches: (input: Call & Omit<ReportInput, 'mentorId'>) => forActor(input, input, repository.readBranches),
    channels: (input: Call & Omit<ReportInput, 'mentorId'>) => forActor(input, input, repository.readChannels),
    timeline: (input: Call & ReportInput) => forActor(input, input, repository.readTimeline),

    /** The same in a session of the caller's: a person's under row-level security, or the engine's for a key. */
    within: (session: Session, orgId: string) => ({
      funnel: (input: ReportInput) => funnelIn(session, scopeOf(orgId, input)),
      mentors: (input: ReportInput & { sort?: 'credited' | 'rate' | undefined }) =>
        repository.readMentors(session, scopeOf(orgId, input), input.sort ?? 'credited'),
      branches: (input: Omit<ReportInput, 'mentorId'>) => repository.readBranches(session, scopeOf(orgId, input)),
      channels: (input: Omit<ReportInput, 'mentorId'>) => repository.readChannels(session, scopeOf(orgId, input)),
      timeline: (input: ReportInput) => repository.readTimeline(session, scopeOf(orgId, input)),
      /** Counts over all time, of one mentor or (null) of all whom the session sees. */
      counts: (mentorId: string | null) =>
        repository.readAttributionCounts(session, {
          orgId,
          mentorId: mentorId === null ? null : requireUuid(mentorId, 'mentor_id'),
        }),
    }),
  };
}
