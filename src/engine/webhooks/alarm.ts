import type { Session } from '../database.ts';
import type { EventData, NewEvent } from '../events/event.ts';
import { appendEvents } from '../events/repository.ts';
import { openStuckItem, readStandings, settleStuckItem } from './alarm-repository.ts';

/**
 * Tells the coordinators' inbox of endpoints that are stuck (something is parked, the receiver said it is gone, or it
 * has failed for half an hour), one item per endpoint, and settles the item once none of that is so. Nothing is ever
 * parked without this, in the same transaction. Safe to repeat.
 */
export async function reviewAlarms(session: Session, endpointIds: readonly string[]): Promise<void> {
  if (endpointIds.length === 0) return;
  const events: NewEvent[] = [];
  for (const standing of await readStandings(session, [...new Set(endpointIds)])) {
    const { endpointId } = standing;
    if (standing.isStuck) {
      const { inboxItemId, wasShut } = await openStuckItem(session, standing);
      if (wasShut) events.push({ type: 'inbox.opened', data: dataOf(inboxItemId, endpointId) });
    } else {
      const inboxItemId = await settleStuckItem(session, endpointId);
      if (inboxItemId !== null) {
        const data = { ...dataOf(inboxItemId, endpointId), resolution: 'settled' };
        events.push({ type: 'inbox.resolved', data });
      }
    }
  }
  await appendEvents(session, events);
}

function dataOf(inboxItemId: string, endpointId: string): EventData {
  return { inbox_item_id: inboxItemId, kind: 'stuck_delivery', endpoint_id: endpointId };
}
