import { appendEvents } from '../events/repository.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { countWaiting } from './digest-repository.ts';

/**
 * Tells that the inbox waits: one event `inbox.waiting` with how much and since when, which the organisation's endpoints
 * hear. Nothing when nothing waits. For the scheduler, every morning; each call tells again.
 */
export function tellInboxWaits(
  parts: Pick<EngineParts, 'database'>,
  call: Pick<Call, 'orgId'>,
): Promise<{ outcome: 'told' | 'nothingWaits'; count: number }> {
  return inOrganisation(parts, call, async (session) => {
    const { count, oldestOpenedAt } = await countWaiting(session);
    if (oldestOpenedAt === null) return { outcome: 'nothingWaits', count };
    const data = { count, oldest_opened_at: oldestOpenedAt.toISOString() };
    await appendEvents(session, [{ type: 'inbox.waiting', data }]);
    return { outcome: 'told', count };
  });
}
