import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { type Contact, openContact } from './contact.ts';
import { deleteContacts, deleteExpiredContacts, listContacts } from './repository.ts';

/** A contact as it is handed over to the organisation. */
export interface WaitingContact extends Contact {
  contactId: string;
  attributionId: string | null; // null = joined without a code, and nobody is credited
  code: string | null; // null = the same
  /** The reference that the membership system sends back with its confirmation. */
  registrationRef: string | null;
  /** Version of the notice that the person agreed to. */
  consentVersion: string | null;
  createdAt: Date;
  deleteAfter: Date;
}

/** Contacts handed over in one call at most. */
const mostContacts = 200;

export type ContactsService = ReturnType<typeof createContacts>;

/**
 * Contact data of the sign-up form (specification §9): encrypted apart from the attribution, read by administrators and
 * scoped keys alone, deleted when handed over and in any case after the organisation's retention (30 days).
 */
export function createContacts(parts: Pick<EngineParts, 'database' | 'keyRing'>) {
  return {
    /** Contacts that wait, oldest first, at most 200. Safe to repeat: nothing is deleted by reading. */
    async list(call: Call & { limit?: number }): Promise<WaitingContact[]> {
      requireMay(call.actor, 'member.read');
      const limit = Math.min(mostContacts, Math.max(1, Math.trunc(call.limit ?? mostContacts)));
      const rows = await inOrganisation(parts, call, async (session) => {
        const waiting = await listContacts(session, limit);
        await record(session, call.actor, 'contacts.read', waiting.length);
        return waiting;
      });
      return Promise.all(
        rows.map(async ({ sealed, ...row }) => ({
          ...(await openContact(
            parts.keyRing,
            { orgId: call.orgId.toLowerCase(), ownerId: row.attributionId ?? row.contactId },
            sealed,
          )),
          ...row,
        })),
      );
    },

    /** The organisation has these contacts now: deletes them. Safe to repeat; ids that are gone are passed over. */
    async markHandedOver(call: Call & { contactIds: readonly string[] }): Promise<{ deleted: number }> {
      requireMay(call.actor, 'member.read');
      const ids = call.contactIds.map((id) => requireUuid(id, 'contact_ids'));
      return inOrganisation(parts, call, async (session) => {
        const deleted = await deleteContacts(session, ids);
        await record(session, call.actor, 'contacts.hand_over', deleted);
        return { deleted };
      });
    },

    /** Deletes what has waited too long in one organisation. For the scheduler, daily. Safe to repeat. */
    deleteExpired(call: Pick<Call, 'orgId'>): Promise<number> {
      return inOrganisation(parts, call, deleteExpiredContacts);
    },
  };
}

/** An empty list told nothing about anybody: no entry. */
async function record(
  session: Session,
  actor: Actor,
  action: 'contacts.read' | 'contacts.hand_over',
  count: number,
): Promise<void> {
  if (count > 0) await recordAction(session, { actor, action, subjectId: null, details: { count } });
}
