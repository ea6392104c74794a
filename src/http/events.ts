import { z } from '@hono/zod-openapi';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import { inOrganisation } from '../engine/parts.ts';
import { authenticateCookie } from './dashboard/find-session.ts';
import { type Caller, type Incoming, operation } from './operation.ts';
import { membershipsOf } from './resolve-organisation.ts';
import {
  type EventPlace,
  eventsBeginning,
  findEvent,
  findNewestEvent,
  listEventsAfter,
  type StreamedEvent,
} from './rows/event-rows-repository.ts';

/**
 * How often a stream looks for what other servers committed, and whether its caller is still let in. Changes of this
 * server are seen at once.
 */
const pollMs = 2_000;
/** How often a quiet stream says that it is alive, so that proxies keep it open. */
const aliveMs = 15_000;
/** A stream ends by itself after this; the client comes back with Last-Event-ID. */
const longestMs = 5 * 60_000;
const mostAtOnce = 200;
/** Frames that a client may leave unread; then the stream ends, and the client resumes where it was. */
const mostUnread = 1_000;
/** Streams of one caller at a time on one server. */
const mostStreams = 10;
const open = new Map<string, number>();

const eventSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    occurred_at: z.string(),
    mentor_id: z.string().nullable(),
    code_id: z.string().nullable(),
    attribution_id: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('StreamedEvent');

/**
 * Server-sent events of what the caller may see, in the order of the record. Each batch is read in a transaction of its own
 * under the caller's rights, so that a right that is taken away ends what is seen. A token that expires ends the stream; a key
 * that is revoked, a browser that signed out, or a person who has no role left, within seconds.
 */
export const events = [
  operation({
    id: 'streamEvents',
    method: 'get',
    path: '/api/v1/events',
    tag: 'Webhooks',
    summary: 'Stream events',
    description:
      'Server-sent events (`text/event-stream`) of what the caller may see, resumable by `Last-Event-ID`: the id of the last event, ' +
      'or `0` for everything that was ever recorded. Without it the stream begins now. ' +
      'Ends after five minutes, with the token or key, or when the server stops; clients reconnect by themselves.',
    access: { to: 'callers', scope: 'reports:read' },
    query: z.object({
      type: z.string().max(64).optional().openapi({ description: 'Only events of this type, or `noun.*`.' }),
    }),
    answers: {
      200: {
        description: 'The stream. `data` of each event is one object.',
        schema: eventSchema,
        contentType: 'text/event-stream',
      },
    },
    problems: ['invalid_cursor'],
    handle: async (incoming) => {
      const after = await startOf(incoming);
      return {
        status: 200,
        raw: streamFrom(incoming, after),
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      };
    },
  }),
];

type EventsIncoming = Incoming<undefined, { type?: string | undefined }, undefined>;

/** Where the stream begins: after the event that the client saw last, or now. */
async function startOf(incoming: EventsIncoming): Promise<EventPlace> {
  const { orgId, runtime } = incoming;
  const header = incoming.request.headers.get('last-event-id')?.trim() ?? '';
  if (header === '') return (await incoming.read((session) => findNewestEvent(session, orgId))) ?? eventsBeginning;
  if (header === eventsBeginning.id) return eventsBeginning;
  // As the engine: what was seen once is a good place to go on from, also where it can no longer be seen.
  const seen = isUuid(header)
    ? await inOrganisation(runtime.verve.parts, { orgId }, (session) => findEvent(session, orgId, header))
    : null;
  if (seen === null) throw new VerveError('invalid_cursor', 'Last-Event-ID is not one that this stream gave.');
  return seen;
}

/** Whether whom the stream was opened for would still be let in. */
async function isStillAdmitted({ caller, runtime, orgId, request }: EventsIncoming): Promise<boolean> {
  if (caller.kind === 'key') return runtime.verve.apiKeys.isUsable(caller);
  if (caller.kind === 'public') return false;
  const isByCookie = !request.headers.has('authorization');
  if (isByCookie && (await authenticateCookie(runtime, request)).kind === 'public') return false;
  return (await membershipsOf(runtime, caller)).some((held) => held.orgId === orgId);
}

function streamFrom(incoming: EventsIncoming, after: EventPlace): ReadableStream<Uint8Array> {
  const subject = subjectOf(incoming.caller);
  const running = open.get(subject) ?? 0;
  if (running >= mostStreams)
    throw new VerveError('too_many_requests', 'Close a stream first.', { retryAfterSeconds: 30 });
  open.set(subject, running + 1);
  const { runtime, orgId, query } = incoming;
  const encoder = new TextEncoder();
  const endsAt = Math.min(
    Date.now() + longestMs,
    incoming.caller.kind === 'person' ? incoming.caller.expiresAt.getTime() : Number.POSITIVE_INFINITY,
  );
  let position = after.seq;
  let isEnded = false;
  let wake: () => void = () => undefined;
  const stopListening = runtime.verve.events.on('*', (event) => {
    if (event.orgId === orgId) wake();
  });
  const end = () => {
    if (isEnded) return;
    isEnded = true;
    stopListening();
    runtime.stopping.removeEventListener('abort', end);
    const left = (open.get(subject) ?? 1) - 1;
    if (left > 0) open.set(subject, left);
    else open.delete(subject);
    wake();
  };

  runtime.stopping.addEventListener('abort', end);

  async function pump(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    // An id without data is remembered and tells nothing: who heard nothing yet resumes from here, and not from later.
    controller.enqueue(encoder.encode(`id: ${after.id}\nretry: 3000\n\n`));
    let admittedAt = Date.now();
    let aliveAt = Date.now() + aliveMs;
    while (!isEnded && Date.now() < endsAt && (controller.desiredSize ?? 0) > -mostUnread) {
      if (Date.now() - admittedAt >= pollMs) {
        if (!(await isStillAdmitted(incoming))) break;
        admittedAt = Date.now();
      }
      const batch = await incoming.read((session) => listEventsAfter(session, orgId, position, mostAtOnce));
      for (const event of batch) {
        position = event.seq;
        if (isWanted(event, query.type)) controller.enqueue(encoder.encode(frameOf(event)));
      }
      if (batch.length === mostAtOnce) continue;
      if (Date.now() >= aliveAt) {
        controller.enqueue(encoder.encode(': alive\n\n'));
        aliveAt = Date.now() + aliveMs;
      }
      if (isEnded) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  return new ReadableStream<Uint8Array>({
    start(controller) {
      pump(controller)
        .catch((error: unknown) => {
          runtime.logger.warn({ fault: error instanceof Error ? error.name : 'unknown' }, 'an event stream ended');
        })
        .finally(() => {
          end();
          try {
            controller.close();
          } catch {
            // the client has gone already
          }
        });
    },
    cancel: end,
  });
}

function subjectOf(caller: Caller): string {
  if (caller.kind === 'public') return 'public';
  return caller.kind === 'key' ? caller.apiKeyId : caller.userId;
}

function isWanted(event: StreamedEvent, type: string | undefined): boolean {
  if (type === undefined) return true;
  return type.endsWith('.*') ? event.type.startsWith(type.slice(0, -1)) : event.type === type;
}

/** The event's number in the record stays here: it would tell how much happens in all organisations. */
function frameOf({ seq: _, ...event }: StreamedEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
