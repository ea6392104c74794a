import type { Understood } from '../engine/inbound/service.ts';
import type { Verve } from '../engine/verve.ts';
import type { DataverseConnection, DataverseConnections } from './dataverse/connections.ts';
import { DataverseError } from './dataverse/dataverse-error.ts';
import { readDataverseBody } from './dataverse/read-dataverse-body.ts';
import { readRow } from './dataverse/read-row.ts';
import { parseStrictJson, StrictJsonError } from './json/strict-json.ts';
import { readNeutralBody } from './neutral-webhook/read-neutral-body.ts';
import type { Reading } from './reading.ts';
import { deliveryTime } from './time/delivery-time.ts';

/** A stored delivery, as far as its meaning goes. */
export interface StoredDelivery {
  orgId: string;
  channel: 'neutral' | 'dataverse' | 'odata_record';
  /** The sender's id for it; null = none. */
  messageId: string | null;
  contentType: string;
  body: Uint8Array;
  signedAt: Date | null; // null = the sender signs no time
  receivedAt: Date;
}

/** Bytes of a body (spec §8). */
export const MAX_BYTES = { neutral: 65_536, dataverse: 262_144, odata_record: 262_144 } as const;

/**
 * Reads stored deliveries of every channel: the one place that knows which connector reads what, for the routes that
 * answer at once and for the sweep that takes up what was left. Fetches a row where a body leaves it unclear, and throws
 * `DataverseError` where that may succeed later. Safe to repeat.
 */
export function createDeliveryReader(
  verve: Pick<Verve, 'organisations'>,
  dataverse: DataverseConnections,
): (delivery: StoredDelivery) => Promise<Reading> {
  async function read(delivery: StoredDelivery): Promise<Reading> {
    const { orgId, channel, signedAt, receivedAt } = delivery;
    const timeZone = (await verve.organisations.recent(orgId))?.timeZone ?? 'Europe/Oslo';
    const parsed = parse(delivery);
    if ('reading' in parsed) return parsed.reading;
    if (channel === 'neutral') {
      const { contentType, messageId } = delivery;
      const deliveryId = messageId?.startsWith('body:') ? null : messageId;
      const deliveredAt = deliveryTime(signedAt, receivedAt);
      return readNeutralBody(parsed.body, { contentType, timeZone, deliveredAt, deliveryId, source: 'webhook' });
    }
    const connection = await dataverse.get(orgId);
    if (connection === null) return notUnderstood('Dataverse is not set up: see docs/dataverse.md.');
    const { configuration } = connection;
    const reading = readDataverseBody(parsed.body, { configuration, timeZone, receivedAt });
    if (reading.outcome !== 'rereadNeeded') return reading;
    return reread(connection, reading.rowId, { timeZone, readAt: receivedAt });
  }

  return async (delivery) => {
    const reading = await read(delivery);
    if (reading.outcome === 'facts' || delivery.channel === 'neutral') return reading;
    // Settings are remembered for seconds: a delivery that those do not explain may have come right after a change.
    return (await verve.organisations.refresh(delivery.orgId)) ? read(delivery) : reading;
  };
}

/** How the engine takes a reading. */
export function understoodOf(reading: Reading): Understood {
  switch (reading.outcome) {
    case 'facts':
      return { kind: 'facts', facts: reading.facts.map(({ fact }) => fact) };
    case 'ignored':
      return { kind: 'ignored', reason: reading.reason };
    case 'rereadNeeded':
      return { kind: 'failed', errorCode: 'row_not_readable' };
    case 'wrongOrganisation':
      return { kind: 'failed', errorCode: 'wrong_organisation' };
    case 'malformed':
      return { kind: 'failed', errorCode: 'malformed' };
  }
}

/** The row as it is now. `rereadNeeded` is answered where it cannot be read: reconciliation finds it later. */
async function reread(
  { configuration, client }: DataverseConnection,
  rowId: string,
  context: { timeZone: string; readAt: Date },
): Promise<Reading> {
  if (client === null) return { outcome: 'rereadNeeded', rowId };
  const row = await client.readRow(rowId).catch((error: unknown) => {
    if (error instanceof DataverseError && !error.isTemporary) return 'refused' as const;
    throw error;
  });
  if (row === 'refused') return { outcome: 'rereadNeeded', rowId };
  if (row === null) return { outcome: 'ignored', reason: 'rowDeleted' };
  const reading = readRow(row, configuration, { ...context, source: 'webhook', sourceRef: null });
  if (reading.outcome === 'ignored') return reading;
  if (reading.outcome === 'fact') return { outcome: 'facts', facts: [{ index: 0, fact: reading.fact }], refusals: [] };
  return notUnderstood(`The row has no ${reading.missing.join(' and no ')}.`);
}

function parse({ channel, body }: StoredDelivery): { body: unknown } | { reading: Reading } {
  try {
    return { body: parseStrictJson(body, { maxBytes: MAX_BYTES[channel] }) };
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    return { reading: notUnderstood(error.message) };
  }
}

function notUnderstood(message: string): Reading {
  return { outcome: 'malformed', refusals: [{ index: 0, field: null, code: 'invalid', message }] };
}
