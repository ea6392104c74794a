import type { FactVia } from '../../engine/attributions/fact.ts';
import type { ReadFact, Reading, Refusal } from '../reading.ts';
import { MAX_ITEMS } from './body-schema.ts';
import { cloudEventSchema } from './cloud-event.ts';
import { readItem } from './read-item.ts';

export interface NeutralContext {
  /** Of the request; `application/cloudevents+json` is an envelope with the body in `data`. */
  contentType: string;
  timeZone: string;
  deliveredAt: Date;
  /** The `webhook-id` of a signed delivery. Null = none. */
  deliveryId: string | null;
  source: FactVia;
}

/**
 * Reads a neutral body (already parsed by `parseStrictJson`) into facts: one object or an array of at most 100
 * (spec §8, membership-systems §6.1). Pure; the same body and context always give the same facts.
 */
export function readNeutralBody(body: unknown, context: NeutralContext): Reading {
  const isEnvelope = /^application\/cloudevents\+json\b/i.test(context.contentType.trim());
  if (!isEnvelope) return readItems(body, context);
  const envelope = cloudEventSchema.safeParse(body);
  if (!envelope.success) {
    const field = String(envelope.error.issues[0]?.path[0] ?? '');
    const message = `The CloudEvents envelope is not valid${field === '' ? '' : ` at ${field}`}.`;
    return malformed({ index: 0, field: field === '' ? null : field, code: 'invalid', message });
  }
  return readItems(envelope.data.data, { ...context, deliveryId: envelope.data.id });
}

function readItems(body: unknown, context: NeutralContext): Reading {
  const items = Array.isArray(body) ? body : [body];
  if (items.length === 0 || items.length > MAX_ITEMS) {
    const message = `Send between 1 and ${MAX_ITEMS} items at a time.`;
    return malformed({ index: 0, field: null, code: 'invalid', message });
  }
  const facts: ReadFact[] = [];
  const refusals: Refusal[] = [];
  items.forEach((item, index) => {
    const read = readItem(item, { ...context, index });
    if ('fact' in read) facts.push({ index, fact: read.fact });
    else refusals.push(...read.refusals);
  });
  return facts.length === 0 ? { outcome: 'malformed', refusals } : { outcome: 'facts', facts, refusals };
}

function malformed(refusal: Refusal): Reading {
  return { outcome: 'malformed', refusals: [refusal] };
}
