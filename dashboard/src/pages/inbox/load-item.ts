import type { Attribution, Explanation, InboxItem } from '../../../../src/client/index.ts';
import { api, orNothing } from '../../api.ts';
import { suggestionsOf } from './load-cases.ts';

export interface Similar {
  code: string;
  mentorId: string | null;
}

export interface OneItem {
  item: InboxItem;
  /** The recruitment that the case is about; null = none yet, or not for this person. */
  told: Explanation | null;
  similar: readonly Similar[];
  /** What a claim that names no member may be about, nearest its day first; null = the case is no such claim. */
  candidates: readonly Attribution[] | null;
}

export async function loadItem(id: string): Promise<OneItem | null> {
  const item = await orNothing(api.getInboxItem({ path: { id } }));
  if (item === null) return null;
  const [told, similar, candidates] = await Promise.all([
    item.attribution_id === null
      ? null
      : orNothing(api.getReferralAttributionExplanation({ path: { id: item.attribution_id } })),
    item.status === 'open' ? findSimilar(suggestionsOf(item.details)) : [],
    item.kind === 'claim' && item.status === 'open' && item.details.names_member !== true
      ? findCandidates(item.details.met_on)
      : null,
  ]);
  return { item, told, similar, candidates };
}

/** Whose the suggested codes are. */
async function findSimilar(codes: readonly string[]): Promise<Similar[]> {
  const found: Similar[] = [];
  for (let cursor: string | null | undefined; cursor !== null && found.length < codes.length; ) {
    const answer = await api.listReferralCodes({ query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } });
    for (const { code, mentor_id: mentorId } of answer.data) if (codes.includes(code)) found.push({ code, mentorId });
    cursor = answer.next_cursor ?? null;
  }
  return found;
}

const mostCandidates = 50;

/** Of the latest recruitments in scope those that stand, nearest to a day first. */
async function findCandidates(metOn: unknown): Promise<Attribution[]> {
  const { data } = await api.listReferralAttributions({ query: { limit: 200 } });
  const day = typeof metOn === 'string' ? Date.parse(metOn) : Date.now();
  const distance = ({ registered_on: registeredOn }: Attribution): number => Math.abs(Date.parse(registeredOn) - day);
  return data
    .filter((row) => row.type === 'conversion' && row.removed_at === null && row.superseded_by === null)
    .map((row) => row as Attribution)
    .toSorted((one, other) => distance(one) - distance(other))
    .slice(0, mostCandidates);
}

/** What badges are called, by id. */
export async function loadBadgeNames(): Promise<ReadonlyMap<string, string>> {
  const { data } = await api.listBadgeDefinitions({ query: { limit: 200 } });
  return new Map(data.map(({ id, name }) => [id, name]));
}
