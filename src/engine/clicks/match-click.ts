import type { FindClick } from '../attributions/service.ts';
import { settingsIn } from '../organisations/settings-in.ts';
import type { Clicks } from './service.ts';

/** Finds the click that a registration came from, by the organisation's own window and choice of first or last (spec §2.5). */
export function createClickMatcher(clicks: Pick<Clicks, 'findClickForToken'>): FindClick {
  return async (session, { sessionToken, registeredAt }) => {
    const { matchWindowHours, matchMode } = (await settingsIn(session)).clicks;
    const question = { orgId: session.orgId, token: sessionToken, registeredAt };
    const found = await clicks.findClickForToken(session, {
      ...question,
      windowHours: matchWindowHours,
      mode: matchMode,
    });
    if (found === null) return null;
    const { clickId, code, occurredAt, channel } = found;
    return { clickId, code, clickedAt: occurredAt, channel };
  };
}
