import { snakeCase } from '../snake-case.ts';
import { EVENT_DATA_KEYS, type RecordedEvent } from './event.ts';

/**
 * How an event leaves: CloudEvents 1.0 in JSON, structured mode. It carries our own ids, counts, days and reason codes;
 * what is not in the closed list of its keys stays inside, so that no member id, name or free text can leave by mistake.
 * Source: cloudevents/spec v1.0.2 `spec.md`, `formats/json-format.md`.
 */

/** Media type of one event in structured mode. */
export const CLOUD_EVENT_MEDIA_TYPE = 'application/cloudevents+json';

/** The part of a recorded event that may leave. A test event is of the same form and stands in no record. */
export type LeavingEvent = Pick<
  RecordedEvent,
  'id' | 'type' | 'occurredAt' | 'mentorId' | 'codeId' | 'attributionId' | 'data'
>;

const LEAVING_KEYS: ReadonlySet<string> = new Set(EVENT_DATA_KEYS);

/** A word, an id or a time: nothing that a person could have written. */
const PLAIN_TEXT = /^[A-Za-z0-9_.:+-]{1,128}$/;

/** Every type name that leaves begins so, and ends in the version of its data. */
export function cloudEventType(type: string): string {
  return `verve.${type.replace(':', '.')}.v1`;
}

/** Writes the event as the text that is signed, stored and sent. The same event always gives the same text. */
export function writeCloudEvent(input: {
  readonly event: LeavingEvent;
  readonly organisationId: string;
  /** Where this installation is reached, without a slash at the end. */
  readonly publicUrl: string;
}): string {
  const { event, organisationId } = input;
  return JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: `${input.publicUrl.replace(/\/+$/, '')}/organisations/${organisationId}`,
    type: cloudEventType(event.type),
    ...(subjectOf(event) && { subject: subjectOf(event) }),
    time: event.occurredAt.toISOString(),
    datacontenttype: 'application/json',
    data: {
      organisation_id: organisationId,
      ...(event.mentorId && { mentor_id: event.mentorId }),
      ...(event.codeId && { code_id: event.codeId }),
      ...(event.attributionId && { attribution_id: event.attributionId }),
      ...leavingData(event.data),
      ...countedAt(event),
    },
  });
}

function subjectOf(event: LeavingEvent): string | undefined {
  if (event.attributionId) return `attribution/${event.attributionId}`;
  if (event.mentorId) return `mentor/${event.mentorId}`;
  return event.codeId ? `code/${event.codeId}` : undefined;
}

/** When the count of a milestone was true. */
function countedAt(event: LeavingEvent): Record<string, unknown> {
  return event.type.startsWith('milestone.') ? { counted_at: event.occurredAt.toISOString() } : {};
}

function leavingData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const leaving: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    const name = snakeCase(key);
    if (LEAVING_KEYS.has(name) && mayLeave(value)) leaving[name] = value;
  }
  return leaving;
}

function mayLeave(value: unknown): boolean {
  if (typeof value === 'string') return PLAIN_TEXT.test(value);
  if (Array.isArray(value))
    return value.length <= 20 && value.every((item) => typeof item === 'string' && mayLeave(item));
  return typeof value === 'boolean' || Number.isFinite(value);
}
