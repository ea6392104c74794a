import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { VerveError } from './errors.ts';

export { SpanKind };

/**
 * Runs work in a span of the host's tracer; without one it just runs. What is told is names and numbers of our own: the
 * operation, its table, its outcome's status. Never a path, a statement, a value, a message: those can hold codes, member
 * ids and addresses. So a failure is told by its code or class alone.
 *
 * @param kind (Default: internal)
 */
export function traced<Result>(
  told: { name: string; attributes?: Attributes; kind?: SpanKind },
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const { name, attributes = {}, kind = SpanKind.INTERNAL } = told;
  const tracer = trace.getTracer('verve-referrals');
  const span = tracer.startSpan(name, { kind, attributes });
  if (!span.isRecording()) return work(span);
  return context.with(trace.setSpan(context.active(), span), async () => {
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
