import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { reviewAlarms } from './alarm.ts';
import * as repository from './deliveries-repository.ts';
import { requireEndpoint } from './endpoints.ts';

/** Most deliveries that one replay begins again; a longer range is replayed in parts. */
const MOST_REPLAYED = 10_000;
const LONGEST_RANGE_DAYS = 366;

/** A line of the log, and one delivery with its tries and its text. */
export type Delivery = repository.DeliveryRow;
export type DeliveryWithTries = Delivery & { body: string | null; tries: repository.AttemptRow[] };

/** The delivery log; for administrators, and keys with `admin`. */
export interface DeliveryLog {
  /** A page of one endpoint's log, newest first. `nextBefore` asks for the page after it; null = this was the last. */
  list(
    call: Call,
    endpointId: string,
    page?: { status?: Delivery['status']; before?: string; limit?: number },
  ): Promise<{ deliveries: Delivery[]; nextBefore: string | null }>;
  /** @throws VerveError `not_found` */
  get(call: Call, deliveryId: string): Promise<DeliveryWithTries>;
  /** Sends a test event, tried once. Works for a disabled endpoint only after enabling it. Not safe to repeat. */
  sendTest(call: Call, endpointId: string): Promise<{ deliveryId: string }>;
  /** Begins one delivery again, with the same id and text. Safe to repeat: the receiver knows the id. */
  replay(call: Call, deliveryId: string): Promise<{ outcome: 'replayed'; count: number }>;
  /**
   * Begins again what a range of events (half-open, at most 366 days) should have brought: what waits, what is parked,
   * what was never made, and with `includeDelivered` (default false) also what arrived. At most 10,000 at a time, the
   * oldest first: `nextFrom` is where the next part begins, null = that was all.
   */
  replayRange(
    call: Call,
    endpointId: string,
    range: { from: Date; to: Date; includeDelivered?: boolean },
  ): Promise<{ outcome: 'replayed'; count: number; nextFrom: Date | null }>;
  /**
   * Deletes what was made before a number of days and delivered or cancelled, in parts; parked and waiting ones stay.
   * Gives how many. Safe to repeat.
   */
  deleteFinished(call: Call, days: number): Promise<number>;
}

/** Wires the delivery log. */
export function createDeliveryLog(parts: EngineParts): DeliveryLog {
  const within = <Result>(call: Call, work: (session: Session) => Promise<Result>) => {
    requireMay(call.actor, 'endpoint.manage');
    return inOrganisation(parts, call, work);
  };

  return {
    list: async (call, endpointId, { status, before, limit = 50 } = {}) =>
      within(call, async (session) => {
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

    get: async (call, deliveryId) =>
      within(call, async (session) => {
        const delivery = await repository.findDelivery(session, requireUuid(deliveryId, 'delivery_id'));
        if (delivery === null) throw new VerveError('not_found');
        return delivery;
      }),

    sendTest: async (call, endpointId) =>
      within(call, async (session) => {
        const endpoint = await requireEnabled(session, endpointId);
        const deliveryId = await repository.insertTestDelivery(session, endpoint);
        await recordAction(session, { actor: call.actor, action: 'endpoint.test', subjectId: endpoint });
        return { deliveryId };
      }),

    replay: async (call, deliveryId) =>
      within(call, async (session) => {
        const delivery = await repository.findDelivery(session, requireUuid(deliveryId, 'delivery_id'));
        if (delivery === null) throw new VerveError('not_found');
        await requireEnabled(session, delivery.endpointId);
        const replayed = await repository.replayOne(session, delivery.deliveryId);
        if (replayed === null) throw new VerveError('conflict', 'A test or cancelled delivery is not sent again.');
        await reviewAlarms(session, [replayed.endpointId]);
        await recordReplay(session, call.actor, replayed.endpointId, 1);
        return { outcome: 'replayed', count: 1 };
      }),

    replayRange: async (call, endpointId, { from, to, includeDelivered = false }) =>
      within(call, async (session) => {
        const days = (to.getTime() - from.getTime()) / 86_400_000;
        if (!(days > 0 && days <= LONGEST_RANGE_DAYS)) throw new VerveError('invalid_range');
        const endpoint = await requireEnabled(session, endpointId);
        const range = { endpointId: endpoint, from, to, includeDelivered, limit: MOST_REPLAYED };
        const { count, last } = await repository.replayRange(session, range);
        await reviewAlarms(session, [endpoint]);
        await recordReplay(session, call.actor, endpoint, count);
        return { outcome: 'replayed', count, nextFrom: count === MOST_REPLAYED ? last : null };
      }),

    async deleteFinished(call, days) {
      for (let deleted = 0; ; ) {
        const part = await within(call, (session) => repository.deleteFinishedDeliveries(session, days, 5_000));
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

function recordReplay(session: Session, actor: Actor, endpointId: string, count: number): Promise<string> {
  return recordAction(session, { actor, action: 'endpoint.replay', subjectId: endpointId, details: { count } });
}
