import type { Pool } from 'pg';
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
  const problem = {
    type: 'https://verve.example/problems/database_unavailable',
    title: 'The database does not answer just now; nothing was lost',
    status: 503,
    code: 'database_unavailable',
    detail,
  };
  return new Response(JSON.stringify(problem), {
    status: 503,
    headers: { 'content-type': 'application/problem+json', 'retry-after': '2', 'cache-control': 'no-store' },
  });
}

/** A short JSON answer that nobody keeps. */
export function answerStatus(status: string): Response {
  return new Response(JSON.stringify({ status }), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
