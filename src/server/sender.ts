import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { combine } from '../engine/combine.ts';
import { CLOUD_EVENT_MEDIA_TYPE } from '../engine/events/cloud-event.ts';
import { SpanKind, tellAnswer, traced, traceHeader } from '../engine/tracing.ts';
import { type Answer, judgeAnswer } from '../engine/webhooks/judge-answer.ts';
import type { ClaimedDelivery, Outbox, Tried } from '../engine/webhooks/outbox.ts';
import { signMessage } from '../engine/webhooks/sign.ts';
import type { WebhookPoster } from './post-webhook.ts';

/** What the sender tells of each try, for the metrics. */
export interface SentNotice {
  readonly orgId: string;
  readonly isDelivered: boolean;
  readonly failure: string | null; // null = delivered
  /** How long after it was due the delivery was claimed. */
  readonly lateMs: number;
  readonly durationMs: number;
}

/** What `startSender` may be told. */
export interface SenderOptions {
  readonly outbox: Outbox;
  readonly poster: WebhookPoster;
  /** How often it looks for what another server made, or what is due again. (Default: 1000) */
  readonly pollMs?: number;
  /** Most requests at once. (Default: 64) */
  readonly concurrency?: number;
  /** Most requests at once to one endpoint, so that a slow one does not take all. (Default: 32) */
  readonly perEndpoint?: number;
  /** Told of every try. */
  readonly onSent?: (notice: SentNotice) => void;
  /** Told when the database did not answer or a try could not be recorded; the sender goes on. */
  readonly onFault?: (error: unknown) => void;
  /** (Default: the machine's clock) */
  readonly now?: () => Date;
}

/** A running sender. Any number of them, in any number of servers, share one outbox. */
export interface Sender {
  /** Looks now, not at the next poll: something was committed. Cheap; calls in quick succession count as one. */
  wake(): void;
  /** Claims nothing more, waits up to `graceMs` (default 16,000) for what is under way, and gives the rest back. */
  stop(graceMs?: number): Promise<void>;
}

const USER_AGENT = 'Verve-Webhooks/1';
/** Wakes closer together than this are one: under load the sender takes what has gathered. */
const BREATH_MS = 20;
/** Tries begun or not yet written, as a multiple of the requests at once. */
const MOST_UNWRITTEN = 8;

/**
 * Starts sending: claims what is due, organisation by organisation, signs and posts it, and records what came of it.
 * A sender that is killed loses nothing: its claims run out and the next one sends again, with the same ids.
 */
export function startSender(options: SenderOptions): Sender {
  const { outbox, poster, pollMs = 1000, concurrency = 64, perEndpoint = 32, now = () => new Date() } = options;
  const underWay = new Set<Promise<void>>(); // until recorded
  const inFlight = new Map<string, number>(); // requests without an answer yet, per endpoint
  let requests = 0;
  const unsent = new Set<ClaimedDelivery>(); // stopped before an answer came
  const stopping = new AbortController();
  const recorders = new Map<string, (tried: Tried) => Promise<void>>();
  let wakeUp: (() => void) | undefined;
  let isWoken = false;

  function wake(): void {
    isWoken = true;
    wakeUp?.();
  }

  /** Tries of one organisation that end while the last batch is being written are written together. */
  function recorderOf(orgId: string): (tried: Tried) => Promise<void> {
    const known = recorders.get(orgId);
    if (known) return known;
    const made = combine<Tried, void>({
      work: async (tries) => {
        await outbox.record(orgId, tries);
        return tries.map(() => undefined);
      },
    });
    recorders.set(orgId, made);
    return made;
  }

  async function send(delivery: ClaimedDelivery): Promise<void> {
    const { answer, durationMs } = await request(delivery).finally(() => endRequest(delivery));
    if (isCutShort(answer)) {
      unsent.add(delivery);
      return;
    }
    const { isDelivered, failure } = judgeAnswer(answer);
    options.onSent?.({ orgId: delivery.orgId, isDelivered, failure, lateMs: delivery.lateMs, durationMs });
    await recordPatiently(delivery.orgId, { delivery, answer, durationMs });
  }

  function request(delivery: ClaimedDelivery): ReturnType<WebhookPoster['post']> {
    const attributes = { 'http.request.method': 'POST', 'verve.endpoint': delivery.endpointId };
    return traced({ name: 'POST webhook', kind: SpanKind.CLIENT, attributes }, async (span) => {
      const ended = await post(delivery);
      tellAnswer(span, judgeAnswer(ended.answer));
      return ended;
    });
  }

  async function post({ url, messageId: id, body, secrets }: ClaimedDelivery) {
    const timestampSeconds = Math.floor(now().getTime() / 1000);
    const headers = {
      'content-type': CLOUD_EVENT_MEDIA_TYPE,
      'user-agent': USER_AGENT,
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': await signMessage(secrets, { id, timestampSeconds, body }),
      ...traceHeader(),
    };
    return poster.post({ url, body, headers, signal: stopping.signal });
  }

  /** Our own stopping ended it: no answer, and no failure of the receiver's. */
  function isCutShort(answer: Answer): boolean {
    return stopping.signal.aborted && answer.kind === 'failed' && answer.failure === 'timeout';
  }

  /** While the claim lasts there is time to try again; after that the delivery is sent again, with the same id. */
  async function recordPatiently(orgId: string, tried: Tried): Promise<void> {
    for (const waitMs of [250, 1000, 4000, 16_000, null]) {
      try {
        return await recorderOf(orgId)(tried);
      } catch (error) {
        options.onFault?.(error);
        if (waitMs === null || isStopped) return;
        await sleep(waitMs);
      }
    }
  }

  function begin(delivery: ClaimedDelivery): void {
    requests += 1;
    inFlight.set(delivery.endpointId, (inFlight.get(delivery.endpointId) ?? 0) + 1);
    const sending: Promise<void> = send(delivery)
      .catch((error: unknown) => options.onFault?.(error))
      .finally(() => {
        underWay.delete(sending);
        wakeForMore();
      });
    underWay.add(sending);
  }

  /** An answer makes room at once; writing it down goes on beside. */
  function endRequest(delivery: ClaimedDelivery): void {
    requests -= 1;
    const left = (inFlight.get(delivery.endpointId) ?? 1) - 1;
    if (left > 0) inFlight.set(delivery.endpointId, left);
    else inFlight.delete(delivery.endpointId);
    wakeForMore();
  }

  function wakeForMore(): void {
    if (hasMore && roomNow() >= concurrency / 2) wake();
  }

  /** How many requests may begin: none while more answers wait to be written than a database in order leaves waiting. */
  function roomNow(): number {
    return underWay.size >= concurrency * MOST_UNWRITTEN ? 0 : concurrency - requests;
  }

  let hasMore = false; // the last look left something for want of room
  let isStopped = false;

  async function look(): Promise<void> {
    hasMore = false;
    for (const orgId of shuffled(await outbox.findDueOrganisations())) {
      const limit = roomNow();
      if (limit <= 0 || isStopped) {
        hasMore = true;
        return;
      }
      const claimed = await outbox.claim(orgId, { limit, perEndpoint, inFlight: Object.fromEntries(inFlight) });
      if (claimed.length >= Math.min(limit, perEndpoint)) hasMore = true;
      for (const delivery of claimed) begin(delivery);
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      isWoken = false;
      const lookedAt = performance.now();
      try {
        await look();
      } catch (error) {
        options.onFault?.(error);
      }
      if (isStopped) return;
      if (!isWoken) await waitForWake(pollMs);
      const breathMs = BREATH_MS - (performance.now() - lookedAt);
      if (breathMs > 0) await sleep(breathMs);
    }
  }

  function waitForWake(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const running = run();
  return {
    wake,
    async stop(graceMs = 16_000) {
      isStopped = true;
      wake();
      await running;
      const ended = Promise.allSettled(underWay);
      const deadline = new AbortController();
      await Promise.race([ended, sleep(graceMs, undefined, { signal: deadline.signal }).catch(() => undefined)]);
      deadline.abort();
      stopping.abort();
      await ended;
      await giveBack();
    },
  };

  async function giveBack(): Promise<void> {
    const byOrganisation = Map.groupBy(unsent, (delivery) => delivery.orgId);
    for (const [orgId, deliveries] of byOrganisation) {
      await outbox.release(orgId, deliveries).catch((error: unknown) => options.onFault?.(error));
    }
  }
}

/** In another order each time, so that the busiest organisation is not always the first. */
function shuffled(ids: readonly string[]): string[] {
  return ids
    .map((id) => ({ id, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ id }) => id);
}
