import { VerveError } from '../errors.ts';

const longestReason = 500;

/** A reason that a person gave: required, trimmed, at most 500 characters. */
export function requireReason(reason: string, field = 'reason'): string {
  const trimmed = reason.trim();
  if (trimmed.length === 0 || trimmed.length > longestReason) {
    const message = `must be 1 to ${longestReason} characters`;
    throw new VerveError('invalid_request', `${field} ${message}.`, { fields: [{ field, message }] });
  }
  return trimmed;
}
