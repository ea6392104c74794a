import type { ContactsService } from '../contacts/service.ts';
import type { Inbound } from '../inbound/service.ts';
import type { OrganisationsService } from '../organisations/service.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import type { DeliveryLog } from '../webhooks/delivery-log.ts';
import * as repository from './repository.ts';

/** How many rows of each kind were deleted, or emptied. */
export interface Deleted {
  bodies: number;
  inboundRecords: number;
  deliveries: number;
  contacts: number;
  idempotencyKeys: number;
  auditPayloads: number;
}

/** How long a repeated request gets the first answer again. */
const IDEMPOTENCY_DAYS = 2;
const DAY_MS = 86_400_000;

/** Applies an organisation's retention periods. */
export interface Retention {
  /** Deletes what has been kept long enough, by the organisation's settings (spec §9). Safe to repeat. */
  apply(call: Pick<Call, 'orgId'>, now: Date): Promise<Deleted>;
}

/** Wires the retention. Clicks have their own upkeep: they go by partition. */
export function createRetention(
  parts: EngineParts,
  nouns: {
    organisations: OrganisationsService;
    inbound: Inbound;
    deliveryLog: DeliveryLog;
    contacts: ContactsService;
  },
): Retention {
  return {
    async apply({ orgId }, now) {
      const call: Call = { orgId, actor: { kind: 'system', name: 'retention' } };
      const { retention } = (await nouns.organisations.get(call)).settings;
      const { processedBodyDays: processedDays, otherBodyDays: otherDays, deliveryDays } = retention;
      const bodies = await nouns.inbound.forgetBodies({ orgId, processedDays, otherDays });
      const before = new Date(now.getTime() - deliveryDays * DAY_MS);
      const deliveries = await nouns.deliveryLog.deleteFinished(call, before);
      const contacts = await nouns.contacts.deleteExpired(call);
      const rest = await inOrganisation(parts, call, async (session) => ({
        inboundRecords: await repository.deleteInboundRecords(session, deliveryDays),
        idempotencyKeys: await repository.deleteIdempotencyKeys(session, IDEMPOTENCY_DAYS),
        auditPayloads: await repository.deleteAuditPayloads(session, retention.auditPayloadDays),
      }));
      return { bodies, deliveries, contacts, ...rest };
    },
  };
}
