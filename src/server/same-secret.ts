import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether somebody gave the secret, in a time that tells nothing of where they differ. null = nothing was given. */
export function isSameSecret(given: string | null, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given ?? ''), digest(secret)) && given !== null;
}
