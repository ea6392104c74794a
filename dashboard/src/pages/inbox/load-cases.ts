import type { Attribution, InboxItem } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { BrokenLinkIcon, ConflictIcon, InfoIcon, OfflineIcon, PersonPlusIcon, ReviewIcon } from '../../icons.tsx';
import { groupCode } from '../../parts/code.tsx';
import { say, sayDay } from '../../say.ts';

/** Kinds of the API's inbox, and recruitments that wait for approval, which stand in the same list. */
export type Kind = InboxItem['kind'] | 'review';

export interface Case {
  /** Its address below the organisation. */
  to: string;
  kind: Kind;
  openedAt: string;
  mentorId: string | null;
  code: string;
  details: Record<string, unknown>;
}

const mostCases = 1_000;

function caseOf(item: InboxItem): Case {
  const { id, kind, opened_at: openedAt, mentor_id: mentorId, code, details } = item;
  return { to: `/inbox/${id}`, kind, openedAt, mentorId, code, details };
}

function reviewOf(attribution: Attribution): Case {
  return {
    to: `/inbox/reviews/${attribution.id}`,
    kind: 'review',
    openedAt: attribution.confirmed_at ?? attribution.registered_on,
    mentorId: attribution.mentor_id,
    code: attribution.code,
    details: { flags: attribution.flags },
  };
}

/** Everything that waits for a person, oldest first; the first thousand of each sort. */
export async function loadWaiting(): Promise<Case[]> {
  const cases: Case[] = [];
  for (let cursor: string | null | undefined; cursor !== null && cases.length < mostCases; ) {
    const answer = await api.listInboxItems({ query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } });
    cases.push(...answer.data.map(caseOf));
    cursor = answer.next_cursor ?? null;
  }
  const { data: reviews } = await api.listReferralAttributions({ query: { review_state: 'waiting', limit: 200 } });
  for (const review of reviews) if (review.type === 'conversion') cases.push(reviewOf(review));
  return cases.toSorted((one, other) => one.openedAt.localeCompare(other.openedAt));
}

/** How many cases wait, for the navigation. */
export async function countWaiting(): Promise<number> {
  const [items, reviews] = await Promise.all([
    api.listInboxItems({ query: { page: 1, limit: 1 } }),
    api.listReferralAttributions({ query: { review_state: 'waiting', page: 1, limit: 1 } }),
  ]);
  return (items.pagination?.total ?? 0) + (reviews.pagination?.total ?? 0);
}

/** The latest hundred that were decided. */
export async function loadDecided(): Promise<Case[]> {
  const { data } = await api.listInboxItems({ query: { status: 'resolved', limit: 100 } });
  return data.map(caseOf);
}

export const iconOf = {
  review: ReviewIcon,
  unknown_code: BrokenLinkIcon,
  conflict: ConflictIcon,
  claim: PersonPlusIcon,
  stuck_delivery: OfflineIcon,
  foreign_code: BrokenLinkIcon,
  self_referral: PersonPlusIcon,
  code_ended: InfoIcon,
  not_eligible: InfoIcon,
} as const satisfies Record<Kind, unknown>;

/** The case in one line. */
export function sayCase({ kind, code, details, mentorId }: Case, names: ReadonlyMap<string, string>): string {
  const mentor = names.get(mentorId ?? '') ?? say('inbox.somebody');
  const endpoint = String(details.name ?? say('inbox.somebody'));
  if (kind === 'claim' && typeof details.met_on === 'string')
    return say('inbox.row.claimOf', { mentor, day: sayDay(details.met_on) });
  return say(`inbox.row.${kind}`, { mentor, code: groupCode(code), endpoint });
}

/** What is known of it, in one line. */
export function sayKnown({ kind, code, details, mentorId }: Case, names: ReadonlyMap<string, string>): string {
  switch (kind) {
    case 'conflict': {
      const mentor = names.get(mentorId ?? '');
      return mentor === undefined
        ? say('inbox.known.code', { code: groupCode(code) })
        : say('inbox.known.named', { mentor });
    }
    case 'unknown_code':
    case 'foreign_code': {
      const [similar] = suggestionsOf(details);
      return similar === undefined
        ? say('inbox.known.noSimilar')
        : say('inbox.known.similar', { code: groupCode(similar) });
    }
    case 'stuck_delivery':
      return say('inbox.known.delivery', { n: Number(details.waiting ?? 0) });
    case 'review':
      return flagsOf(details)
        .map((flag) => say(`item.flag.${flag}`, { mentor: names.get(mentorId ?? '') ?? say('inbox.somebody') }))
        .join(' · ');
    default:
      return code === '' ? '' : say('inbox.known.code', { code: groupCode(code) });
  }
}

export function suggestionsOf(details: Record<string, unknown>): string[] {
  return Array.isArray(details.suggestions) ? details.suggestions.map(String) : [];
}

const flags = ['same_device', 'velocity', 'code_mismatch', 'late_after_end', 'code_order'] as const;

/** The flags that sent a recruitment to review; `none` = the organisation approves all of them. */
export function flagsOf(details: Record<string, unknown>): readonly ((typeof flags)[number] | 'none')[] {
  const raised = Array.isArray(details.flags) ? details.flags : [];
  const known = flags.filter((flag) => raised.includes(flag));
  return known.length === 0 ? ['none'] : known;
}
