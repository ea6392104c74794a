import type {
  Attribution,
  FunnelReport,
  Mentor,
  MentorFigures,
  ReferralCode,
  Share,
} from '../../../../src/client/index.ts';
import { api, problemCode } from '../../api.ts';
import type { Range } from '../../parts/range.tsx';

export interface OneMentor {
  mentor: Mentor;
  /** null = of the organisation itself, or of a branch that is not shown. */
  branch: string | null;
  /** Over all time. */
  totals: MentorFigures;
  /** Newest first. */
  codes: ReferralCode[];
  /** The latest five of them. */
  recruitments: Attribution[];
  recruitmentCount: number;
  /** The latest five. */
  shares: Share[];
  /** By what they take; `day` null = not earned. */
  badges: { id: string; name: string; count: number; day: string | null }[];
}

const latest = 5;

/** Everything about a mentor but the figures of a range; null = there is none, or not for this person. */
export async function loadMentor(id: string): Promise<OneMentor | null> {
  const mentor = await api.getMentor({ path: { id } }).catch((error: unknown) => {
    if (['not_found', 'forbidden'].includes(problemCode(error) ?? '')) return null;
    throw error;
  });
  if (mentor === null) return null;
  const query = { mentor_id: id, page: 1, limit: latest };
  const [branch, totals, codes, recruitments, shares, badges, earned] = await Promise.all([
    mentor.branch_id === null ? null : api.getBranch({ path: { id: mentor.branch_id } }),
    api.getMentorStats({ path: { mentorId: id } }),
    api.listReferralCodes({ query: { mentor_id: id, limit: 50 } }),
    api.listReferralAttributions({ query }),
    api.listShares({ query }),
    api.listBadgeDefinitions({ query: { limit: 200 } }),
    api.listEarnedBadges({ query: { mentor_id: id, limit: 200 } }),
  ]);
  const days = new Map(earned.data.map((badge) => [badge.badge_definition_id, badge.earned_at ?? badge.earned_on]));
  return {
    mentor,
    branch: branch?.name ?? null,
    totals,
    codes: codes.data,
    recruitments: recruitments.data.filter((row) => row.type === 'conversion'),
    recruitmentCount: recruitments.pagination?.total ?? recruitments.data.length,
    shares: shares.data,
    badges: badges.data
      .map(({ id: badge, name, criteria_value: count }) => ({ id: badge, name, count, day: days.get(badge) ?? null }))
      .sort((one, other) => one.count - other.count),
  };
}

export function loadFigures(mentorId: string, { from, to }: Range): Promise<FunnelReport> {
  return api.getFunnelReport({ query: { from, to, mentor_id: mentorId } });
}
