import { type Attributes, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { VerveError } from './errors.ts';

export { SpanKind };

/**
 * Runs work in a span of the host's tracer; without one it just runs. What is told is names and numbers of our own: the
 * operation, its table, its outcome's status. Never a path, a statement, a value, a message: those can hold codes, member
 * ids and addresses. So a failure is told by its code or class alone.
 *
 * @param told.kind (Default: internal)
 * @param told.headers of a request: its caller's span is the parent where the host has set up a propagator and no span of
 * its own is around the request.
 */
export function traced<Result>(
  told: { name: string; attributes?: Attributes; kind?: SpanKind; headers?: Headers },
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const { name, attributes = {}, kind = SpanKind.INTERNAL, headers } = told;
  const active = context.active();
  const isOutermost = headers !== undefined && trace.getSpan(active) === undefined;
  const parent = isOutermost ? propagation.extract(active, headers, fromHeaders) : active;
  const tracer = trace.getTracer('verve-referrals');
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  if (!span.isRecording()) return work(span);
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      return await work(span);
    } catch (error) {
      span.setAttribute('error.type', describeFailure(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** {@link traced} for what happens often: outside a span, nothing is named and nothing is measured. */
export function tracedIfAsked<Result>(
  told: () => Parameters<typeof traced>[0],
  work: () => Promise<Result>,
): Promise<Result> {
  return trace.getActiveSpan() === undefined ? work() : traced(told(), work);
}

const fromHeaders = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};

/** The header that lets a receiver's trace continue ours, where the host has set up a propagator. Never its baggage. */
export function traceHeader(): { traceparent?: string } {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent === undefined ? {} : { traceparent: carrier.traceparent };
}

/** Tells what an answer from outside was: its status, and of a failure the class. */
export function tellAnswer(span: Span, answer: { status: number | null; failure: string | null }): void {
  if (answer.status !== null) span.setAttribute('http.response.status_code', answer.status);
  if (answer.failure === null) return;
  span.setAttribute('error.type', answer.failure);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function describeFailure(error: unknown): string {
  if (error instanceof VerveError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

const target = /\b(?:from|into|update|join)\s+(?:only\s+)?"?(\w+)"?\."?(\w+)"?/i;

/** What a statement does and to what, from its text before any value: `insert verve.referral_codes`. */
export function nameStatement(text: string): string {
  const verb = /\b(select|insert|update|delete|call|lock)\b/i.exec(text)?.[1]?.toLowerCase() ?? 'statement';
  const found = target.exec(text);
  return found === null ? verb : `${verb} ${found[1]}.${found[2]}`;
}
