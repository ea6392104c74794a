import { z } from 'zod';
import type { KeyRing } from '../secrets/key-ring.ts';

/** What a person gave on the sign-up form; null = not given. Phone as `+4790000000` (`readPhone`), e-mail in lower case. */
export interface Contact {
  name: string | null;
  phone: string | null;
  email: string | null;
}

const contactSchema = z.object({
  name: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
});

/** Whether anything was given. */
export function isEmptyContact(contact: Contact): boolean {
  return contact.name === null && contact.phone === null && contact.email === null;
}

/** Keyed blind indexes under every secret of the ring, current first; null = not given. */
export interface ContactIndexes {
  phone: Uint8Array[] | null;
  email: Uint8Array[] | null;
}

/**
 * The indexes by which «already registered» is found without reading any contact: keyed hashes over the code and the value,
 * so that the same person under two codes cannot be seen to be the same. `codeId` null = joined without a code.
 */
export async function indexContact(
  keyRing: KeyRing,
  place: { orgId: string; codeId: string | null },
  contact: Contact,
): Promise<ContactIndexes> {
  const index = (kind: 'phone' | 'email', value: string | null) =>
    value === null ? null : keyRing.hashes(place.orgId, 'blind-index', `${place.codeId ?? 'no code'}|${kind}|${value}`);
  const [phone, email] = await Promise.all([index('phone', contact.phone), index('email', contact.email)]);
  return { phone, email };
}

/** Where a contact belongs: to its attribution, or, of a person who joined without a code, to itself. */
export interface ContactPlace {
  orgId: string;
  /** Of the attribution; of the contact where there is none. */
  ownerId: string;
}

/** Encrypts a contact for its place; it opens nowhere else. */
export function sealContact(keyRing: KeyRing, place: ContactPlace, contact: Contact): Promise<Uint8Array> {
  return keyRing.sealText(sealPlace(place), JSON.stringify(contact));
}

/** Decrypts a contact. Throws UnsealError for another place or key. */
export async function openContact(keyRing: KeyRing, place: ContactPlace, sealed: Uint8Array): Promise<Contact> {
  return contactSchema.parse(JSON.parse(await keyRing.unsealText(sealPlace(place), sealed)));
}

function sealPlace({ orgId, ownerId }: ContactPlace) {
  return { orgId, name: `registration-contact/${ownerId}` };
}
