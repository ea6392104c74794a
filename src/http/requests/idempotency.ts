import type { Database, Session } from '../../engine/database.ts';
import { toHex } from '../../engine/encode-bytes.ts';
import { VerveError } from '../../engine/errors.ts';
import type { KeyRing } from '../../engine/secrets/key-ring.ts';
import type { Answer } from '../operation.ts';
import { bindKey, claimKey, findKept, keepAnswer } from './idempotency-repository.ts';

/** One POST that named an Idempotency-Key. */
export interface IdempotentRequest {
  /** Whose key it is: two callers may use the same key. */
  caller: string;
  key: string;
  /** sha256 of method, path and body, in hex. */
  requestDigest: string;
}

/**
 * Reads the header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07, a draft). Accepted with quotes, as the
 * draft says, and without, as many clients send it. null = none was sent.
 */
export function readIdempotencyKey(value: string | null): string | null {
  if (value === null) return null;
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1') ?? value;
  if (!/^[\x20-\x7e]{1,255}$/.test(inner) || inner.trim() === '' || inner.includes('"')) {
    throw new VerveError('invalid_request', 'An Idempotency-Key has 1 to 255 printable ASCII characters.', {
      fields: [{ field: 'Idempotency-Key', message: 'must have 1 to 255 printable ASCII characters' }],
    });
  }
  return inner;
}

/** sha256 of what must be equal for two requests to be the same one, in hex. */
export async function digestRequest(method: string, path: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const head = new TextEncoder().encode(`${method} ${path}\n`);
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/**
 * Does the work of a POST once per key, and keeps its answer in the same transaction as the effect. A repeat gets the kept
 * answer with `Idempotency-Replayed: true`; another request under the key is `idempotency_key_reused`; one whose first is
 * still running is `idempotency_key_running`. A refusal is not kept: it rolls back, and the key stays free.
 */
export async function runOnce(
  session: Session,
  keyRing: Pick<KeyRing, 'seal' | 'unseal'>,
  request: IdempotentRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { caller, key, requestDigest } = request;
  const place = { orgId: session.orgId, name: `idempotency/${requestDigest}` };
  const claim = await claimKey(session, caller, key, requestDigest);
  switch (claim.outcome) {
    case 'running':
      throw new VerveError('idempotency_key_running', undefined, { retryAfterSeconds: 1 });
    case 'kept': {
      if (claim.answer.requestDigest !== requestDigest) throw new VerveError('idempotency_key_reused');
      const opened = new TextDecoder().decode(await keyRing.unseal(place, claim.answer.sealedAnswer));
      const kept: Pick<Answer, 'body' | 'headers'> = JSON.parse(opened);
      const headers = { ...kept.headers, 'Idempotency-Replayed': 'true' };
      return { ...kept, status: claim.answer.status, headers };
    }
    case 'ours': {
      const answer = await work();
      const text = JSON.stringify({ body: answer.body, headers: answer.headers });
      const sealed = await keyRing.seal(place, new TextEncoder().encode(text));
      await keepAnswer(session, caller, key, answer.status, sealed);
      return answer;
    }
  }
}

/**
 * Runs a POST that changes nothing each time anew. Its key is bound to the first request that was answered; another under
 * it is `idempotency_key_reused`.
 */
export async function runAnew(
  database: Database,
  orgId: string,
  { caller, key, requestDigest }: IdempotentRequest,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const within = <Result>(step: (session: Session) => Promise<Result>) =>
    database.transaction({ role: 'verve_engine', orgId }, step);
  const kept = await within((session) => findKept(session, caller, key));
  if (kept !== null && kept.requestDigest !== requestDigest) throw new VerveError('idempotency_key_reused');
  const answer = await work();
  if (kept === null) await within((session) => bindKey(session, caller, key, requestDigest));
  return answer;
}
