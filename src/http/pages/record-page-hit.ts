import type { Clicks } from '../../engine/clicks/service.ts';
import { type ShareChannel, shareChannels } from '../../engine/share/channels.ts';
import { readTrafficSigns } from '../traffic-signs.ts';
import type { PageHit } from './pages-options.ts';

/**
 * Records openings of a join page and presses on its button. An opening that came from `/r/CODE` carries the same token and
 * is the same click. Never rejects.
 */
export function createPageHits(
  clicks: Clicks,
  clientAddress: (request: Request) => string,
): (hit: PageHit) => Promise<void> {
  return async (hit) => {
    const link = await clicks.lookUp(hit.code);
    if (link?.kind !== 'open') return;
    const opening = {
      signs: readTrafficSigns(hit.request),
      address: clientAddress(hit.request),
      channel: (shareChannels as readonly string[]).includes(hit.channel ?? '') ? (hit.channel as ShareChannel) : null,
      token: hit.sessionToken,
    };
    await (hit.act === 'join' ? clicks.recordJoinPress(link, opening) : clicks.recordOpening(link, opening));
  };
}
