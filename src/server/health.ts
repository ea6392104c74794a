import type { Pool } from 'pg';
import { VerveError } from '../engine/errors.ts';
import { problemResponse } from '../http/problem.ts';
import { ping } from './health-repository.ts';

/** Asks the database for a sign of life. @returns false after `timeoutMs`, or when it does not answer. */
export async function isDatabaseUp(pool: Pool, timeoutMs = 2000): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  ping(pool).then(
    () => resolve(true),
    () => resolve(false),
  );
  const isUp = await promise;
  clearTimeout(timer);
  return isUp;
}

/** The answer while the database is away: nothing was taken, so nothing is lost. */
export function answerUnavailable(detail: string): Response {
  return problemResponse(new VerveError('database_unavailable', detail, { retryAfterSeconds: 2 }), crypto.randomUUID());
}

/** A short JSON answer that nobody keeps. */
export function answerStatus(status: string, more: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ status }), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...more },
  });
}
