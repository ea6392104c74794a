// The sign-up form: what may be typed, and what is wrong with it. Pure.
import type { Contact } from '../../engine/contacts/contact.ts';
import { isMeantAbroad, readPhone } from '../../engine/contacts/read-phone.ts';
import type { WordKey } from '../../engine/words/nb.ts';
import type { FieldChoice } from './page-organisation.ts';

export type FieldName = 'name' | 'phone' | 'email';
export const fieldNames: readonly FieldName[] = ['name', 'phone', 'email'];

/** What a visitor typed, as typed. */
export interface TypedForm {
  name: string;
  phone: string;
  email: string;
  hasConsented: boolean;
}

/** A field or the consent, and the sentence that says what would be right. */
export interface FormError {
  field: FieldName | 'consent';
  key: WordKey;
}

export type FormResult = { outcome: 'good'; contact: Contact } | { outcome: 'errors'; errors: FormError[] };

export const emptyForm: TypedForm = { name: '', phone: '', email: '', hasConsented: false };

const longest: Readonly<Record<FieldName, number>> = { name: 200, phone: 40, email: 254 };
const address =
  /^[^\s@<>"(),;:\\[\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]{1,62}$/u;

/** Reads the fields of a posted form; what is missing is empty. Nothing longer than a field takes is kept. */
export function readTypedForm(posted: URLSearchParams): TypedForm {
  const read = (name: FieldName) => (posted.get(name) ?? '').slice(0, longest[name] + 1).replace(/\p{Cc}/gu, ' ');
  return {
    name: read('name'),
    phone: read('phone'),
    email: read('email'),
    hasConsented: posted.get('consent') === 'yes',
  };
}

/** Invisible signs that turn the direction of what follows: in a list of people they would turn the neighbours too. */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

/** A name: trimmed, two characters or more, at least one of them a letter; null = not a name. */
export function readName(typed: string): string | null {
  const name = typed.normalize('NFC').replace(turning, '').trim().replace(/\s+/g, ' ');
  return [...name].length >= 2 && name.length <= longest.name && /\p{L}/u.test(name) ? name : null;
}

/** An e-mail address in lower case; null = not one. Whether it works is not known before somebody writes to it. */
export function readEmail(typed: string): string | null {
  const email = typed.normalize('NFC').trim().toLowerCase();
  return email.length <= longest.email && address.test(email) && !email.includes('..') ? email : null;
}

const readers: Readonly<Record<FieldName, (typed: string) => string | null>> = {
  name: readName,
  phone: readPhone,
  email: readEmail,
};

/**
 * Judges a form by the organisation's choice of fields. Hidden fields are dropped, optional ones may be empty. Agreeing is
 * needed as soon as any contact data was given, and only then: without contact data a registration still counts.
 */
export function judgeForm(typed: TypedForm, fields: Readonly<Record<FieldName, FieldChoice>>): FormResult {
  const errors: FormError[] = [];
  const contact: Contact = { name: null, phone: null, email: null };
  for (const field of fieldNames) {
    const choice = fields[field];
    if (choice === 'hidden' || (choice === 'optional' && typed[field].trim() === '')) continue;
    contact[field] = readers[field](typed[field]);
    if (contact[field] !== null) continue;
    const isAbroad = field === 'phone' && isMeantAbroad(typed.phone);
    errors.push({ field, key: isAbroad ? 'join.error.phoneAbroad' : `join.error.${field}` });
  }
  const isGiven = fieldNames.some((field) => fields[field] !== 'hidden' && typed[field].trim() !== '');
  const isAsked = fieldNames.some((field) => fields[field] === 'required');
  if ((isGiven || isAsked) && !typed.hasConsented) errors.push({ field: 'consent', key: 'join.error.consent' });
  return errors.length > 0 ? { outcome: 'errors', errors } : { outcome: 'good', contact };
}
