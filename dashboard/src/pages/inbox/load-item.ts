import type { Explanation, InboxItem } from '../../../../src/client/index.ts';
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
}

export async function loadItem(id: string): Promise<OneItem | null> {
  const item = await orNothing(api.getInboxItem({ path: { id } }));
  if (item === null) return null;
  const [told, similar] = await Promise.all([
    item.attribution_id === null
      ? null
      : orNothing(api.getReferralAttributionExplanation({ path: { id: item.attribution_id } })),
    item.status === 'open' ? findSimilar(suggestionsOf(item.details)) : [],
  ]);
  return { item, told, similar };
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

/** What badges are called, by id. */
export async function loadBadgeNames(): Promise<ReadonlyMap<string, string>> {
  const { data } = await api.listBadgeDefinitions({ query: { limit: 200 } });
  return new Map(data.map(({ id, name }) => [id, name]));
}
