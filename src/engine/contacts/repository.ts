import type { Session } from '../database.ts';
import type { ContactIndexes } from './contact.ts';

/** A stored contact, still sealed. */
export interface ContactRow {
  contactId: string;
  attributionId: string | null; // null = joined without a code
  sealed: Uint8Array;
  code: string | null; // null = joined without a code
  registrationRef: string | null;
  consentVersion: string | null;
  createdAt: Date;
  deleteAfter: Date;
}

export interface NewContact {
  contactId: string;
  /** Code and attribution that it belongs to; null = joined without a code. */
  attribution: { attributionId: string; codeId: string } | null;
  sealed: Uint8Array;
  indexes: ContactIndexes;
  consentVersion: string | null;
  /** Days until it is deleted, handed over or not. */
  keptDays: number;
}

/**
 * Stores a contact. False = its id is taken, or the same phone or e-mail has registered with this code; nothing is
 * written then.
 */
export async function insertContact(session: Session, contact: NewContact): Promise<boolean> {
  const rows = await session.query(
    `insert into verve.registration_contacts
      (org_id, attribution_id, code_id, sealed, phone_index, email_index, consent_version, delete_after, id)
    values ($1, $2, $3, $4, $5, $6, $7, verve.clock() + make_interval(days => $8), $9)
    on conflict do nothing returning id`,
    [
      session.orgId,
      contact.attribution?.attributionId ?? null,
      contact.attribution?.codeId ?? null,
      contact.sealed,
      contact.indexes.phone?.[0] ?? null,
      contact.indexes.email?.[0] ?? null,
      contact.consentVersion,
      contact.keptDays,
      contact.contactId,
    ],
  );
  return rows.length === 1;
}

/** The contact that the same phone or e-mail left with this code (null: without a code), or null. */
export async function findSameContact(
  session: Session,
  codeId: string | null,
  indexes: ContactIndexes,
): Promise<{ contactId: string; attributionId: string | null } | null> {
  const rows = await session.query<{ contactId: string; attributionId: string | null }>(
    `select registration_contacts.id as "contactId", registration_contacts.attribution_id as "attributionId"
    from verve.registration_contacts
    where registration_contacts.org_id = $1
      and (registration_contacts.code_id = $2 or ($2::uuid is null and registration_contacts.code_id is null))
      and (registration_contacts.phone_index = any($3::bytea[]) or registration_contacts.email_index = any($4::bytea[]))
    order by registration_contacts.created_at limit 1`,
    [session.orgId, codeId, indexes.phone ?? [], indexes.email ?? []],
  );
  return rows[0] ?? null;
}

/** Contacts that wait to be handed over, oldest first. */
export function listContacts(session: Session, limit: number): Promise<ContactRow[]> {
  return session.query<ContactRow>(
    `select contacts.id as "contactId", contacts.attribution_id as "attributionId", contacts.sealed, codes.code,
      attributions.registration_ref as "registrationRef", contacts.consent_version as "consentVersion",
      contacts.created_at as "createdAt", contacts.delete_after as "deleteAfter"
    from verve.registration_contacts contacts
      left join verve.referral_codes codes on codes.org_id = contacts.org_id and codes.id = contacts.code_id
      left join verve.referral_attributions attributions
        on attributions.org_id = contacts.org_id and attributions.id = contacts.attribution_id
    where contacts.org_id = $1 and contacts.delete_after > verve.clock()
    order by contacts.created_at, contacts.id limit $2`,
    [session.orgId, limit],
  );
}

/** Deletes contacts by id; answers how many there were. */
export async function deleteContacts(session: Session, contactIds: readonly string[]): Promise<number> {
  const rows = await session.query(
    'delete from verve.registration_contacts where org_id = $1 and id = any($2::uuid[]) returning id',
    [session.orgId, contactIds],
  );
  return rows.length;
}

/** Deletes the contacts whose time is over; answers how many. */
export async function deleteExpiredContacts(session: Session): Promise<number> {
  const rows = await session.query(
    'delete from verve.registration_contacts where org_id = $1 and delete_after <= verve.clock() returning id',
    [session.orgId],
  );
  return rows.length;
}
