import type { ContactsService } from '../contacts/service.ts';
import type { Inbound } from '../inbound/service.ts';
import type { OrganisationsService } from '../organisations/service.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { erasedName, type Privacy } from '../privacy/service.ts';
import type { SignIn } from '../sign-in/service.ts';
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
  imports: number;
  /** Erased some time after they left. */
  mentors: number;
  signIns: number;
}

/** How long a repeated request gets the first answer again. */
const IDEMPOTENCY_DAYS = 2;
/** How long an uploaded file waits for somebody to work through it. */
const IMPORT_DAYS = 30;

/** Applies an organisation's retention periods. */
export interface Retention {
  /** Deletes what has been kept long enough, by the organisation's settings (spec §9). Safe to repeat. */
  apply(call: Pick<Call, 'orgId'>): Promise<Deleted>;
}

/** Wires the retention. Clicks have their own upkeep: they go by partition. */
export function createRetention(
  parts: EngineParts,
  nouns: {
    organisations: OrganisationsService;
    inbound: Inbound;
    deliveryLog: DeliveryLog;
    contacts: ContactsService;
    privacy: Privacy;
    signIn: SignIn;
  },
): Retention {
  return {
    async apply({ orgId }) {
      const call: Call = { orgId, actor: { kind: 'system', name: 'retention' } };
      const { retention } = (await nouns.organisations.get(call)).settings;
      const { processedBodyDays: processedDays, otherBodyDays: otherDays, deliveryDays } = retention;
      const bodies = await nouns.inbound.forgetBodies({ orgId, processedDays, otherDays });
      const deliveries = await nouns.deliveryLog.deleteFinished(call, deliveryDays);
      const contacts = await nouns.contacts.deleteExpired(call);
      const signIns = await nouns.signIn.deleteEnded({ orgId });
      const rest = await inOrganisation(parts, call, async (session) => ({
        inboundRecords: await repository.deleteInboundRecords(session, deliveryDays),
        idempotencyKeys: await repository.deleteIdempotencyKeys(session, IDEMPOTENCY_DAYS),
        auditPayloads: await repository.deleteAuditPayloads(session, retention.auditPayloadDays),
        imports: await repository.endForgottenImports(session, IMPORT_DAYS),
      }));
      const gone = await inOrganisation(parts, call, (session) =>
        repository.listMentorsLongGone(session, retention.leftMentorDays, Object.values(erasedName)),
      );
      for (const mentorId of gone) await nouns.privacy.eraseMentor({ ...call, mentorId });
      return { bodies, deliveries, contacts, signIns, mentors: gone.length, ...rest };
    },
  };
}
