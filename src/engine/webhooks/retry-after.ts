/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): whole seconds, or an HTTP date. Gives seconds from now, 0 for a time that
 * has passed, or null for a missing or unreadable value, which is then as if it had not been sent.
 */
export function readRetryAfter(value: string | null | undefined, now: Date): number | null {
  if (value === null || value === undefined) return null;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (!/^[A-Z][a-z]{2,8},? .* GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}
