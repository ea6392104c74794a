import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { traced, tracedIfAsked, traceHeader } from '../src/engine/tracing.ts';
import { createVerve, type Verve } from '../src/engine/verve.ts';
import { createOutbox } from '../src/engine/webhooks/outbox.ts';
import { createHandler, type Handler } from '../src/http/handler.ts';
import { startJobs } from '../src/server/jobs.ts';
import { createWebhookPoster } from '../src/server/post-webhook.ts';
import { startSender } from '../src/server/sender.ts';
import { createTasks } from '../src/server/tasks.ts';
import { testDatabase } from './harness.ts';
import { system as actor, organisationWithMentor, testSecret } from './harness-verve.ts';
import { type BadgeReceiver, startBadgeReceiver } from './stand-ins/badge-receiver.ts';

const exporter = new InMemorySpanExporter();
const callersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';
const callersSpan = '00f067aa0ba902b7';
let verve: Verve;
let handler: Handler;
let receiver: BadgeReceiver;
let world: { orgId: string; mentorId: string; slug: string; key: string; code: string };

beforeAll(async () => {
  const { pool } = await testDatabase();
  verve = createVerve({ database: pool, secret: testSecret, allowLoopbackEndpoints: true });
  handler = createHandler(verve);
  receiver = await startBadgeReceiver();
  const { orgId, mentorId } = await organisationWithMentor(verve);
  const { slug } = await verve.organisations.get({ orgId, actor });
  const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  if (!('code' in issued)) throw new Error(issued.outcome);
  const key = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_key' });
  const endpoint = await verve.webhookEndpoints.create({ orgId, actor }, { url: receiver.url });
  receiver.secrets.push(endpoint.secret);
  world = { orgId, mentorId, slug, key: key.value ?? '', code: issued.code.code };
});
afterEach(() => exporter.reset());
afterAll(async () => {
  for (const api of [trace, context, propagation]) api.disable();
  await receiver.close();
});

function deliver(memberId: string, headers: Record<string, string> = {}): Promise<Response> {
  const body = { status: 'confirmed', external_member_id: memberId, referral_code: world.code, event_id: memberId };
  return handler(
    new Request(`http://verve.test/api/v1/webhooks/membership/${world.slug}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-referral-key': world.key, ...headers },
      body: JSON.stringify(body),
    }),
  );
}

/** Sends what waits and stops. */
async function send(): Promise<void> {
  const { database, keyRing } = verve.parts;
  const outbox = createOutbox({
    database,
    keyRing,
    publicUrl: 'https://verve.example.no',
    onAcknowledged: () => Promise.resolve(),
  });
  const poster = createWebhookPoster({ allowLoopback: true });
  const before = receiver.received.length;
  const sender = startSender({ outbox, poster, pollMs: 20 });
  await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBeGreaterThan(before);
  await sender.stop();
  poster.close();
}

const named = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;
/** What stands below a span, all the way down. */
function below(span: ReadableSpan | undefined): ReadableSpan[] {
  const children = exporter.getFinishedSpans().filter((one) => one.parentSpanContext?.spanId === idOf(span));
  return children.flatMap((child) => [child, ...below(child)]);
}

describe('where the host has set up nothing', () => {
  test('a request is answered, nothing is named, and a receiver is told of no trace', async () => {
    const unasked = () => {
      throw new Error('a span was named');
    };
    expect(await tracedIfAsked(unasked, async () => trace.getActiveSpan())).toBeUndefined();
    expect(await traced({ name: 'ours' }, async (span) => [span.isRecording(), trace.getActiveSpan()])).toEqual([
      false,
      undefined,
    ]);
    expect(traceHeader()).toEqual({});
    expect((await deliver('M-quiet')).status).toBe(202);
    await send();
    expect(receiver.received.at(-1)?.headers).not.toHaveProperty('traceparent');
  });
});

describe('where the host has set up a provider and a propagator', () => {
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  });

  test('a request continues its caller’s trace, and its transactions and statements stand below it', async () => {
    const answer = await deliver('canary-M-1', { traceparent: `00-${callersTrace}-${callersSpan}-01` });
    expect(answer.status).toBe(202);
    const [request] = named('POST /api/v1/webhooks/membership/{organisation}');
    expect(request?.kind).toBe(SpanKind.SERVER);
    expect(request?.spanContext().traceId).toBe(callersTrace);
    expect(request?.parentSpanContext?.spanId).toBe(callersSpan);
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/v1/webhooks/membership/{organisation}',
      'http.response.status_code': 202,
      'verve.operation': expect.any(String),
    });
    const [transaction] = below(request).filter((span) => span.name === 'transaction verve_engine');
    const statements = below(transaction);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements) {
      expect(statement.kind).toBe(SpanKind.CLIENT);
      expect(statement.attributes).toEqual({ 'db.system.name': 'postgresql', 'db.query.summary': statement.name });
    }
    expect(below(request).length).toBe(exporter.getFinishedSpans().length - 1);
    await send();
  });

  test('a span of the host’s own around it comes before what the caller says', async () => {
    await trace.getTracer('host').startActiveSpan('ours', async (span) => {
      await deliver('M-2', { traceparent: `00-${callersTrace}-${callersSpan}-01` });
      span.end();
    });
    const [request] = named('POST /api/v1/webhooks/membership/{organisation}');
    expect(request?.parentSpanContext?.spanId).toBe(idOf(named('ours')[0]));
    await send();
  });

  test('a task of a job is a trace of its own, with its queue, its transactions and its failures', async () => {
    const { pool } = await testDatabase();
    const tasks = createTasks({ verve }).filter((task) => task.name === 'retention');
    const failing = { name: 'failing', cron: null, scope: 'installation' } as const;
    const fail = async () => {
      throw new TypeError('canary-message');
    };
    const jobs = await startJobs({
      pool,
      tasks: [...tasks, { ...failing, run: fail }],
      listOrganisations: async () => [world.orgId],
      onFault: () => undefined,
      pollSeconds: 0.5,
    });
    try {
      await jobs.runNow('retention', { orgId: world.orgId });
      await jobs.runNow('failing');
      await expect
        .poll(() => named('task retention').length + named('task failing').length, { timeout: 20_000 })
        .toBe(2);
    } finally {
      await jobs.stop();
    }
    const [task] = named('task retention');
    expect([task?.kind, task?.parentSpanContext]).toEqual([SpanKind.CONSUMER, undefined]);
    expect(task?.attributes).toEqual({
      'messaging.system': 'pg-boss',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'organisation',
    });
    expect(below(task).map((span) => span.name)).toContain('transaction verve_engine');
    const [failed] = named('task failing');
    expect(failed?.attributes['error.type']).toBe('TypeError');
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR });
  });

  test('a delivery is a request to its receiver, who is told of the trace; a refusal is told by its class', async () => {
    await deliver('M-3');
    exporter.reset();
    receiver.behave({ kind: 'status', status: 503 });
    await send();
    const [delivery] = named('POST webhook');
    expect(delivery?.kind).toBe(SpanKind.CLIENT);
    expect(delivery?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 503,
      'error.type': 'http_status',
      'verve.endpoint': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const told = named('POST webhook').map((span) => `00-${span.spanContext().traceId}-${idOf(span)}-01`);
    expect(told).toContain(receiver.received.at(-1)?.headers.traceparent);
  });

  test('nothing personal is in any of them', async () => {
    await deliver('canary-M-4', { 'x-request-id': 'canary-request' });
    await send();
    const told = exporter
      .getFinishedSpans()
      .map(({ name, attributes, events, status, links }) =>
        JSON.stringify({ name, attributes, events, status, links }),
      );
    expect(told.some((one) => one.includes('POST webhook'))).toBe(true);
    for (const canary of ['canary', world.code, world.mentorId, world.slug, world.key, receiver.url, '127.0.0.1']) {
      expect(told.filter((one) => one.includes(canary))).toEqual([]);
    }
  });
});
