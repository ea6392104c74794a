import type { Caller } from './operation.ts';

/** Who the caller is, for idempotency keys and cursors: our own ids only. */
export function callerName(caller: Caller): string {
  if (caller.kind === 'public') return 'public';
  return caller.kind === 'key' ? `key:${caller.apiKeyId}` : `person:${caller.userId}`;
}
