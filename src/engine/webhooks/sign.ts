/**
 * Standard Webhooks, version v1 (HMAC-SHA256), on WebCrypto: what goes out is signed here and what comes in is
 * verified here. Source: standard-webhooks/standard-webhooks `spec/standard-webhooks.md`.
 *
 * The signed bytes are `{id}.{timestamp}.{raw body}`: always the bytes as sent or received, never re-serialised.
 */

import type { KeyedHash } from '../secrets/keyed-hash.ts';

/** What a message carries beside its body. */
export interface SignedMessage {
  /** `webhook-id`: the same over all tries of one delivery. Holds no dot. */
  readonly id: string;
  /** `webhook-timestamp`: whole Unix seconds of this try. */
  readonly timestampSeconds: number;
  /** The exact bytes of the body; text means its UTF-8 bytes. */
  readonly body: Uint8Array | string;
}

/** How far a timestamp may lie from our clock, in both directions. (Default: 300 seconds, as the standard advises.) */
const TOLERANCE_SECONDS = 300;

const SECRET_PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const NEW_KEY_BYTES = 32;

/** Makes a new secret: `whsec_` and the base64 of 32 random bytes. Shown once, stored sealed. */
export function createSecret(): string {
  return SECRET_PREFIX + encodeBase64(crypto.getRandomValues(new Uint8Array(NEW_KEY_BYTES)));
}

/** The key bytes of a secret (with or without its prefix), or null when it is not base64 of 24 to 64 bytes. */
export function decodeSecret(secret: string): Uint8Array<ArrayBuffer> | null {
  const bytes = decodeBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret);
  return bytes !== null && bytes.length >= MIN_KEY_BYTES && bytes.length <= MAX_KEY_BYTES ? bytes : null;
}

/**
 * The value of `webhook-signature`: one `v1,<base64>` per secret, in the order given, separated by spaces. During a
 * rotation both secrets are given. Pure: the same input gives the same signature.
 *
 * @throws TypeError for a secret that cannot be decoded (our own secrets always can), and for an id with a dot.
 */
export async function signMessage(secrets: readonly string[], message: SignedMessage): Promise<string> {
  const bytes = signedBytes(message);
  const signatures = await Promise.all(
    secrets.map(async (secret) => {
      const key = await importKey(secret);
      if (key === null) throw new TypeError('A webhook secret is base64 of 24 to 64 bytes');
      return `v1,${encodeBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)))}`;
    }),
  );
  return signatures.join(' ');
}

/** What verifying says; everything but `valid` is a refusal. */
export type Verification = { outcome: 'valid' } | { outcome: 'badTimestamp' } | { outcome: 'badSignature' };

/**
 * Checks a received message against the secrets that are valid now: any listed `v1` signature by any secret will do.
 * Comparison takes the same time wherever the bytes differ. Whoever calls this also keeps
 * the id, so that a repeat inside the tolerance is recognised.
 */
export async function verifyMessage(input: {
  readonly secrets: readonly string[];
  readonly id: string;
  /** `webhook-timestamp` as received. */
  readonly timestamp: string;
  /** `webhook-signature` as received. */
  readonly signature: string;
  readonly body: Uint8Array | string;
  readonly now: Date;
  /** (Default: 300) */
  readonly toleranceSeconds?: number;
  /** A synchronous HMAC-SHA256. (Default: WebCrypto's) */
  readonly keyedHash?: KeyedHash | undefined;
}): Promise<Verification> {
  if (!/^\d{1,12}$/.test(input.timestamp)) return { outcome: 'badTimestamp' };
  const timestampSeconds = Number(input.timestamp);
  const driftSeconds = Math.abs(input.now.getTime() / 1000 - timestampSeconds);
  if (driftSeconds > (input.toleranceSeconds ?? TOLERANCE_SECONDS)) return { outcome: 'badTimestamp' };
  if (input.id === '' || input.id.includes('.')) return { outcome: 'badSignature' };

  const bytes = signedBytes({ id: input.id, timestampSeconds, body: input.body }, input.timestamp);
  const offered = listedSignatures(input.signature);
  for (const secret of input.secrets) {
    for (const signature of offered) {
      if (await isSignedBy(secret, signature, bytes, input.keyedHash)) return { outcome: 'valid' };
    }
  }
  return { outcome: 'badSignature' };
}

async function isSignedBy(
  secret: string,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
  keyedHash: KeyedHash | undefined,
): Promise<boolean> {
  if (keyedHash === undefined) {
    const key = await importKey(secret);
    return key !== null && crypto.subtle.verify('HMAC', key, signature, bytes);
  }
  const key = rawKey(secret);
  if (key === null) return false;
  const expected = await keyedHash(key, bytes);
  let difference = expected.length ^ signature.length;
  for (let at = 0; at < expected.length; at += 1) difference |= (expected[at] ?? 0) ^ (signature[at] ?? 0);
  return difference === 0;
}

/** At most ten of the `v1` signatures in the header: more is nobody's rotation, only work for us. */
function listedSignatures(header: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(' ', 10)
    .filter((entry) => entry.startsWith('v1,'))
    .map((entry) => decodeBase64(entry.slice('v1,'.length)))
    .filter((bytes) => bytes !== null);
}

function signedBytes(
  message: SignedMessage,
  timestampText = String(message.timestampSeconds),
): Uint8Array<ArrayBuffer> {
  if (message.id === '' || message.id.includes('.')) throw new TypeError('A webhook id holds no dot');
  if (!Number.isSafeInteger(message.timestampSeconds)) throw new TypeError('A webhook timestamp is whole seconds');
  const head = new TextEncoder().encode(`${message.id}.${timestampText}.`);
  const body = typeof message.body === 'string' ? new TextEncoder().encode(message.body) : message.body;
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** Keys in use, so that a busy endpoint's secret is not read anew for each message; the oldest goes first. */
const keys = new Map<string, Promise<CryptoKey>>();
const MOST_KEYS = 500;

async function importKey(secret: string): Promise<CryptoKey | null> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const bytes = decodeSecret(secret);
  if (bytes === null) return null;
  const imported = crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  const oldest = keys.size >= MOST_KEYS ? keys.keys().next().value : undefined;
  if (oldest !== undefined) keys.delete(oldest);
  keys.set(secret, imported);
  return imported;
}

/** The same for {@link KeyedHash}, which keeps its own work by the key's bytes. */
const rawKeys = new Map<string, Uint8Array<ArrayBuffer> | null>();

function rawKey(secret: string): Uint8Array<ArrayBuffer> | null {
  const known = rawKeys.get(secret);
  if (known !== undefined) return known;
  const oldest = rawKeys.size >= MOST_KEYS ? rawKeys.keys().next().value : undefined;
  if (oldest !== undefined) rawKeys.delete(oldest);
  const bytes = decodeSecret(secret);
  rawKeys.set(secret, bytes);
  return bytes;
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null; // not base64: a refusal for the caller to name, not a fault
  }
}
