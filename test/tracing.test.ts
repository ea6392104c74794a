import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scopes } from '../src/engine/permissions.ts';
import { nameStatement } from '../src/engine/tracing.ts';
import { createHandler } from '../src/http/handler.ts';
import { system as actor, organisationWithMentor, testVerve } from './harness-verve.ts';

const exporter = new InMemorySpanExporter();
const verve = await testVerve();
const handler = createHandler(verve);
let orgId: string;
let key: string;
let code: string;
let mentorId: string;
const canaries = ['canary-member', 'canary-reference', 'canary-session', 'canary@example.org', 'Solveig'];

beforeAll(async () => {
  const world = await organisationWithMentor(verve);
  mentorId = world.mentorId;
  ({ orgId } = world);
  const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
  if (!('code' in issued)) throw new Error(issued.outcome);
  code = issued.code.code;
  const made = await verve.apiKeys.create({ orgId, actor, name: 'canary', scopes: [...scopes] });
  key = made.secret;
  // As a host does it: before this, nothing of ours is traced.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
beforeEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  context.disable();
});

function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return handler(new Request(`http://verve.test${path}`, init));
}

/** Everything that a span tells. */
function tellings(span: ReadableSpan): string {
  const { name, attributes, events, status, links } = span;
  return JSON.stringify({ name, attributes, events, status, links });
}

describe('a request', () => {
  test('is a span of its route, with the transactions and statements it made below it', async () => {
    expect((await send('GET', `/api/v1/referral-code-records/lookup?code=${code}`)).status).toBe(200);
    const spans = exporter.getFinishedSpans();
    const request = spans.find((span) => span.name === 'GET /api/v1/referral-code-records/lookup');
    expect(request?.attributes).toMatchObject({ 'http.response.status_code': 200 });
    const transaction = spans.find((span) => span.name.startsWith('transaction '));
    const statement = spans.find((span) => span.parentSpanContext?.spanId === transaction?.spanContext().spanId);
    expect(statement?.attributes).toEqual({ 'db.system.name': 'postgresql', 'db.query.summary': statement?.name });
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test('that is refused tells the refusal’s code and nothing more', async () => {
    expect((await send('GET', '/api/v1/referral-attributions/0c0c0c0c-0000-4000-8000-000000000009')).status).toBe(404);
    const failed = exporter.getFinishedSpans().filter((span) => span.status.code === SpanStatusCode.ERROR);
    expect(failed.map((span) => span.attributes['error.type'])).toContain('not_found');
    expect(failed.map((span) => [span.status.message, span.events])).toEqual(failed.map(() => [undefined, []]));
  });
});

test('nothing personal is in a span: no code, member, reference, token, address, name, or id from a path', async () => {
  const recorded = await send('POST', '/api/v1/registrations', {
    code,
    registration_ref: 'canary-reference',
    session_token: 'canary-session-0123456789',
    contact: { email: 'canary@example.org' },
  });
  await send('POST', '/api/v1/registrations', { code });
  const unknown = await send('POST', '/api/v1/registrations', {
    code: 'ZZZZZZZZZZ',
    external_member_id: 'canary-member',
  });
  await trace.getTracer('host').startActiveSpan('host', async (span) => {
    await verve.attributions.confirmRecruitment({ orgId, actor, code, newMemberId: 'canary-member' });
    span.end();
  });
  await send('GET', `/api/v1/referral-attributions/mentor/${mentorId}?q=canary@example.org`);
  expect([recorded.status, unknown.status].every((status) => status < 500)).toBe(true);
  const told = exporter.getFinishedSpans().map(tellings);
  expect(told.length).toBeGreaterThan(20);
  expect(told.filter((text) => text.includes('transaction verve_engine')).length).toBeGreaterThan(1);
  for (const canary of [...canaries, code, mentorId, key]) {
    expect([canary, told.filter((text) => text.includes(canary))]).toEqual([canary, []]);
  }
});

test('a statement is named by what it does and to what, never by a value in it', () => {
  expect(nameStatement('select a.b from verve.shares as a where a.code = $1')).toBe('select verve.shares');
  expect(nameStatement('  insert into "verve"."referral_codes" (code) values ($1)')).toBe(
    'insert verve.referral_codes',
  );
  expect(nameStatement("set local x = 'canary'")).toBe('statement');
});
