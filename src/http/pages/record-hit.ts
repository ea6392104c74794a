import type { Clicks } from '../../engine/clicks/service.ts';
import { readTrafficSigns } from '../traffic-signs.ts';
import type { PageHit } from './pages-options.ts';

/**
 * Makes the recorder of hits on join pages: an opening, or a press on «join». An opening that came through the short link
 * carries its token, so that the two are one click. Never rejects: a page never fails because counting failed.
 */
export function recordHits(
  clicks: Pick<Clicks, 'lookUp' | 'recordOpening' | 'recordJoinPress'>,
  clientAddress: (request: Request) => string,
): (hit: PageHit) => Promise<void> {
  return async ({ code, act, channel, sessionToken, request }) => {
    const link = await clicks.lookUp(code);
    if (link === null || link.kind !== 'open') return;
    const opening = {
      signs: readTrafficSigns(request),
      address: clientAddress(request),
      channel,
      token: sessionToken,
    };
    await (act === 'join' ? clicks.recordJoinPress(link, opening) : clicks.recordOpening(link, opening));
  };
}
