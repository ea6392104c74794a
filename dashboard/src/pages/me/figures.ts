import { api } from '../../api.ts';
import { boot } from '../../boot.ts';

/** How a mentor's recruiting goes, as of the last 06:00 or, where the organisation chose so, now. */
export interface MentorProgress {
  clicks: number;
  registered: number;
  members: number;
  /** The next badge; null = all are earned, or there are none. */
  next: { name: string; count: number } | null;
}

const mentorId = boot.person.mentorId ?? '';

export async function loadProgress(): Promise<MentorProgress> {
  const [stats, recruits, badges] = await Promise.all([
    api.getMentorStats({ path: { mentorId } }),
    api.listReferralAttributionsOfMentor({ path: { mentorId }, query: { page: 1, limit: 1 } }),
    api.listBadgeDefinitions({ query: { limit: 200 } }),
  ]);
  const members = stats.confirmed_count;
  const [next] = badges.data
    .filter(({ criteria_value: count }) => count > members)
    .sort((one, other) => one.criteria_value - other.criteria_value);
  return {
    clicks: stats.total_clicks,
    registered: recruits.pagination?.total ?? recruits.data.length,
    members,
    next: next === undefined ? null : { name: next.name, count: next.criteria_value },
  };
}
