import type { Fact, FactKind, FactVia } from '../../engine/attributions/fact.ts';
import { FUTURE_TOLERANCE_MS } from '../../engine/attributions/fact.ts';
import { looksPersonal, repeatableName } from '../personal-data-fields.ts';
import type { Refusal } from '../reading.ts';
import { lastInstant, readWrittenTime } from '../time/local-time.ts';
import { type NeutralItem, neutralItemSchema } from './body-schema.ts';

export interface ItemContext {
  index: number;
  source: FactVia;
  /** The organisation's IANA zone, for times without an offset. */
  timeZone: string;
  /** When the delivery was signed, else received: stands in for a missing `occurred_at`. */
  deliveredAt: Date;
  /** Id of the envelope or delivery, for an item without its own `event_id`. Null = none. */
  deliveryId: string | null;
}

/** Reads one item of a neutral body into a fact, or says field by field what is wrong with it. */
export function readItem(item: unknown, context: ItemContext): { fact: Fact } | { refusals: Refusal[] } {
  const parsed = neutralItemSchema.safeParse(item);
  if (!parsed.success) return { refusals: parsed.error.issues.flatMap((issue) => refusalsOf(issue, context.index)) };
  const body = parsed.data;
  const refusals: Refusal[] = [];
  if (!body.external_member_id && !(body.status === 'registered' && (body.referral_code || body.registration_ref))) {
    refusals.push(refuse(context.index, 'external_member_id', 'missing', 'is needed for this status.'));
  }
  const registeredAt = readMoment(body, 'registered_at', context, refusals);
  const occurredAt = readMoment(body, 'occurred_at', context, refusals) ?? context.deliveredAt;
  if (refusals.length > 0) return { refusals };
  return {
    fact: {
      kind: kindOf(body.status),
      // A form field that was left empty, and a template without a value, come as "": nothing was said.
      memberId: body.external_member_id || null,
      code: body.referral_code || null,
      registrationRef: body.registration_ref || null,
      registeredAt,
      occurredAt,
      membershipType: body.membership_type || null,
      reason: body.reason || null,
      source: context.source,
      sourceRef: body.event_id || context.deliveryId,
    },
  };
}

/** `invalidated` is read as `reversed` (spec §8). */
function kindOf(status: NeutralItem['status']): FactKind {
  return status === 'invalidated' ? 'reversed' : status;
}

function readMoment(
  body: NeutralItem,
  field: 'registered_at' | 'occurred_at',
  context: ItemContext,
  refusals: Refusal[],
): Date | null {
  const text = body[field];
  if (!text) return null;
  const written = readWrittenTime(text, context.timeZone);
  if (written === null) {
    refusals.push(refuse(context.index, field, 'invalid', 'must be a time such as 2026-11-20T11:00:00+01:00.'));
    return null;
  }
  if (written.at.getTime() > context.deliveredAt.getTime() + FUTURE_TOLERANCE_MS) {
    refusals.push(refuse(context.index, field, 'invalid', 'lies in the future.'));
    return null;
  }
  const isStart = field === 'registered_at' || body.status === 'registered';
  return isStart ? written.at : lastInstant(written, context.timeZone, context.deliveredAt);
}

interface Issue {
  code?: string | undefined;
  path: PropertyKey[];
  message: string;
  keys?: string[] | undefined;
}

function refusalsOf(issue: Issue, index: number): Refusal[] {
  if (issue.code === 'unrecognized_keys') return (issue.keys ?? []).map((key) => refuseKey(key, index));
  const field = String(issue.path[0] ?? '');
  if (field === '') return [refuse(index, null, 'invalid', 'Every item must be a JSON object.')];
  if (field === 'status') {
    return [refuse(index, field, 'invalid', 'must be registered, confirmed, rejected or reversed.')];
  }
  return [refuse(index, field, 'invalid', `${issue.message}.`)];
}

function refuseKey(key: string, index: number): Refusal {
  const name = repeatableName(key);
  if (looksPersonal(key)) {
    return refuse(index, name, 'personal_data', 'looks like personal data. Verve needs none: stop sending it.');
  }
  return refuse(index, name, 'unknown_field', 'is not part of the neutral body (docs/webhook-in.md): remove it.');
}

function refuse(index: number, field: string | null, code: Refusal['code'], message: string): Refusal {
  const isSentence = /^[A-Z]/.test(message);
  return { index, field, code, message: isSentence ? message : `${field ?? 'A field'} ${message}` };
}
