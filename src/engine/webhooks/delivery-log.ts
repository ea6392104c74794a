import type { Database, Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { reviewAlarms } from './alarm.ts';
import * as repository from './deliveries-repository.ts';
import { requireEndpoint } from './endpoints.ts';

/** Most deliveries that one replay begins again; a longer range is replayed in parts. */
export const MOST_REPLAYED = 10_000;
const LONGEST_RANGE_DAYS = 366;

/** A line of the log, and one delivery with its tries and its text. */
export type Delivery = repository.DeliveryRow;
export type DeliveryWithTries = Delivery & { body: string | null; tries: repository.AttemptRow[] };

/** The delivery log. Callers have been authorised as administrators. */
export interface DeliveryLog {
  /** A page of one endpoint's log, newest first. `nextBefore` asks for the page after it; null = this was the last. */
  list(
    orgId: string,
    endpointId: string,
    page?: { status?: Delivery['status']; before?: string; limit?: number },
  ): Promise<{ deliveries: Delivery[]; nextBefore: string | null }>;
  /** @throws VerveError `not_found` */
  get(orgId: string, deliveryId: string): Promise<DeliveryWithTries>;
  /** Sends a test event, tried once. Works for a disabled endpoint only after enabling it. Not safe to repeat. */
  sendTest(orgId: string, endpointId: string): Promise<{ deliveryId: string }>;
  /** Begins one delivery again, with the same id and text. Safe to repeat: the receiver knows the id. */
  replay(orgId: string, deliveryId: string): Promise<{ outcome: 'replayed'; count: number }>;
  /**
   * Begins again what a range of events (half-open, at most 366 days) should have brought: what waits, what is parked,
   * what was never made, and with `includeDelivered` (default false) also what arrived. At most 10,000 at a time, the
   * oldest first: `nextFrom` is where the next part begins, null = that was all.
   */
  replayRange(
    orgId: string,
    endpointId: string,
    range: { from: Date; to: Date; includeDelivered?: boolean },
  ): Promise<{ outcome: 'replayed'; count: number; nextFrom: Date | null }>;
  /** Deletes what was delivered before a moment, in parts; parked and waiting ones stay. Gives how many. Safe to repeat. */
  deleteFinished(orgId: string, before: Date): Promise<number>;
}

/** Wires the delivery log. */
export function createDeliveryLog(options: { database: Database }): DeliveryLog {
  const within = <Result>(orgId: string, work: (session: Session) => Promise<Result>) =>
    options.database.transaction({ role: 'verve_engine', orgId: requireUuid(orgId, 'organisation_id') }, work);

  return {
    list: (orgId, endpointId, { status, before, limit = 50 } = {}) =>
      within(orgId, async (session) => {
        const endpoint = await requireEndpoint(session, endpointId);
        const size = Math.min(Math.max(1, Math.trunc(limit)), 200);
        const deliveries = await repository.listDeliveries(session, {
          endpointId: endpoint.endpointId,
          status: status ?? null,
          before: before === undefined ? null : requireUuid(before, 'before'),
          limit: size + 1,
        });
        const page = deliveries.slice(0, size);
        return { deliveries: page, nextBefore: deliveries.length > size ? (page.at(-1)?.deliveryId ?? null) : null };
      }),

    get: (orgId, deliveryId) =>
      within(orgId, async (session) => {
        const delivery = await repository.findDelivery(session, requireUuid(deliveryId, 'delivery_id'));
        if (delivery === null) throw new VerveError('not_found');
        return delivery;
      }),

    sendTest: (orgId, endpointId) =>
      within(orgId, async (session) => {
        const endpoint = await requireEnabled(session, endpointId);
        return { deliveryId: await repository.insertTestDelivery(session, endpoint) };
      }),

    replay: (orgId, deliveryId) =>
      within(orgId, async (session) => {
        const replayed = await repository.replayOne(session, requireUuid(deliveryId, 'delivery_id'));
        if (replayed === null) throw new VerveError('not_found');
        await requireEnabled(session, replayed.endpointId);
        await reviewAlarms(session, [replayed.endpointId]);
        return { outcome: 'replayed', count: 1 };
      }),

    replayRange: (orgId, endpointId, { from, to, includeDelivered = false }) =>
      within(orgId, async (session) => {
        const days = (to.getTime() - from.getTime()) / 86_400_000;
        if (!(days > 0 && days <= LONGEST_RANGE_DAYS)) throw new VerveError('invalid_range');
        const endpoint = await requireEnabled(session, endpointId);
        const range = { endpointId: endpoint, from, to, includeDelivered, limit: MOST_REPLAYED };
        const { count, last } = await repository.replayRange(session, range);
        await reviewAlarms(session, [endpoint]);
        return { outcome: 'replayed', count, nextFrom: count === MOST_REPLAYED ? last : null };
      }),

    async deleteFinished(orgId, before) {
      for (let deleted = 0; ; ) {
        const part = await within(orgId, (session) => repository.deleteFinishedDeliveries(session, before, 5_000));
        deleted += part;
        if (part < 5_000) return deleted;
      }
    },
  };
}

/** The endpoint's id, if it is enabled. @throws VerveError `not_found`, `conflict` */
async function requireEnabled(session: Session, endpointId: string): Promise<string> {
  const endpoint = await requireEndpoint(session, endpointId);
  if (endpoint.status === 'enabled') return endpoint.endpointId;
  throw new VerveError('conflict', 'The endpoint is disabled: enable it first.');
}
