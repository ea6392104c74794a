import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import type { CodeOwner } from './generate-code.ts';

/** Who a code stands for: a mentor of the organisation or, in the general engine, anything with a model and a reference. */
export type OwnerInput = { mentorId: string } | { ownerModel: string; ownerRef: string };

const modelForm = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Reads an owner before any query: a mentor's id must be a UUID, a model a word, a reference 1 to 128 characters. */
export function readOwner(input: OwnerInput): CodeOwner {
  if ('mentorId' in input) return { ownerModel: 'mentor', ownerRef: requireUuid(input.mentorId, 'mentor_id') };
  const { ownerModel, ownerRef } = input;
  if (ownerModel === 'mentor') return { ownerModel, ownerRef: requireUuid(ownerRef, 'owner_ref') };
  if (!modelForm.test(ownerModel)) {
    throw new VerveError('invalid_request', 'owner_model is a word of letters, digits, dots, hyphens and underscores.');
  }
  if (ownerRef.length < 1 || ownerRef.length > 128) {
    throw new VerveError('invalid_request', 'owner_ref has 1 to 128 characters.');
  }
  return { ownerModel, ownerRef };
}

/** The mentor that an owner is, or null. */
export function mentorOf(owner: CodeOwner): string | null {
  return owner.ownerModel === 'mentor' ? owner.ownerRef : null;
}
