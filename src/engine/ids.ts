import { VerveError } from './errors.ts';

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a string has the form of a UUID, in any case. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidForm.test(value);
}

/** What is said of a field that should be an id. */
export const notAnId = 'must be a UUID';

/** Gives the id in lower case, or refuses it with `invalid_id` before any query is made. */
export function requireUuid(value: unknown, field: string): string {
  if (!isUuid(value)) {
    throw new VerveError('invalid_id', `${field} ${notAnId}.`, { fields: [{ field, message: notAnId }] });
  }
  return value.toLowerCase();
}
