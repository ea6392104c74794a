import { toHex } from '../encode-bytes.ts';
import type { Encrypt, Plain } from './encrypt.ts';
import type { KeyedHash } from './keyed-hash.ts';

/** What a keyed hash is for. Two purposes, or two organisations, never give the same hash for the same value. */
export type HashPurpose =
  | 'member-ref'
  | 'click-token'
  | 'device-token'
  | 'blind-index'
  | 'api-key'
  | 'erasure'
  | 'cursor'
  | 'sign-in';

/** Where a sealed value belongs. It opens only for the same organisation and name. */
export interface SealPlace {
  orgId: string;
  /** What the value is, for example `code-secret/1`. */
  name: string;
}

/** Keys made from the installation's secret: for sealing values and for hashing with a key. Holds no state but keys. */
export interface KeyRing {
  /** The id of the key that new values are sealed with: eight hex digits that tell nothing about the secret. */
  keyId(): Promise<string>;
  /** The ids of all keys of the ring, current first. */
  keyIds(): Promise<string[]>;
  /** Encrypts (AES-256-GCM, a fresh nonce each time, bound to its place). Carries the id of the key it used. */
  seal(place: SealPlace, value: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Decrypts what any secret of the ring sealed. Throws {@link UnsealError} for another place, key or a changed byte. */
  unseal(place: SealPlace, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** {@link KeyRing.seal} for text. */
  sealText(place: SealPlace, value: string): Promise<Uint8Array<ArrayBuffer>>;
  /** {@link KeyRing.unseal} for text. */
  unsealText(place: SealPlace, sealed: Uint8Array): Promise<string>;
  /** Whether a sealed value was made with an older secret and should be sealed anew. */
  isOld(sealed: Uint8Array): Promise<boolean>;
  /** HMAC-SHA256 of a value under the current secret. The same input gives the same 32 bytes, on every server. */
  hash(orgId: string, purpose: HashPurpose, value: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** The hash under every secret of the ring, current first: look up by all of them, write the first. */
  hashes(
    orgId: string,
    purpose: HashPurpose,
    value: string | Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>[]>;
  /** {@link KeyRing.hashes} in hexadecimal. */
  hexHashes(orgId: string, purpose: HashPurpose, value: string): Promise<string[]>;
}

/** A sealed value that these keys cannot open: another secret, another place, or damaged. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

interface RingKey {
  id: Uint8Array<ArrayBuffer>;
  /** The key that opens what an organisation's values were sealed with. */
  sealing: (orgId: string) => Promise<CryptoKey>;
  encrypt: (orgId: string, plain: Plain) => Promise<Uint8Array>;
  /** Hashes a value for one purpose in one organisation. */
  hash: (
    orgId: string,
    purpose: HashPurpose,
    value: string | Uint8Array<ArrayBuffer>,
  ) => Promise<Uint8Array<ArrayBuffer>>;
}

const format = 1;
const keyIdBytes = 4;
const nonceBytes = 12;
const headerBytes = 1 + keyIdBytes + nonceBytes;
/** Keys kept per secret; beyond it the oldest go (a key costs about 50 µs to derive). */
const keysKept = 4_000;
const shortestSecret = 32;

const text = new TextEncoder();

/**
 * Makes the keys of an installation from `VERVE_SECRET` by HKDF-SHA256, one key per organisation and purpose.
 *
 * @param secrets One secret of at least 32 characters, or several: the first seals and hashes, all of them open.
 * @param options `keyedHash`, `encrypt`: a synchronous HMAC-SHA256 and AES-256-GCM. (Default: WebCrypto's)
 * @throws RangeError when there is none, or one is too short.
 */
export function createKeyRing(
  secrets: string | readonly string[],
  options: { keyedHash?: KeyedHash | undefined; encrypt?: Encrypt | undefined } = {},
): KeyRing {
  const list = typeof secrets === 'string' ? [secrets] : [...secrets];
  if (list.length === 0) throw new RangeError('A key ring needs at least one secret.');
  if (list.some((secret) => secret.length < shortestSecret)) {
    throw new RangeError(
      `The secret must have at least ${shortestSecret} characters; make one with: openssl rand -hex 32`,
    );
  }
  let opened: Promise<RingKey[]> | undefined;
  const ring = (): Promise<RingKey[]> => {
    opened ??= Promise.all(list.map((secret) => openSecret(secret, options)));
    return opened;
  };
  const current = async (): Promise<RingKey> => (await ring())[0] as RingKey;

  const keyRing: KeyRing = {
    keyId: async () => toHex((await current()).id),
    keyIds: async () => (await ring()).map((key) => toHex(key.id)),
    seal: async (place, value) => sealWith(await current(), place, value),
    unseal: async (place, sealed) => {
      const key = (await ring()).find((one) => hasKeyId(sealed, one.id));
      if (key === undefined) throw new UnsealError('The value was sealed with another secret.');
      return unsealWith(key, place, sealed);
    },
    sealText: (place, value) => keyRing.seal(place, text.encode(value)),
    unsealText: async (place, sealed) =>
      new TextDecoder('utf-8', { fatal: true }).decode(await keyRing.unseal(place, sealed)),
    isOld: async (sealed) => !hasKeyId(sealed, (await current()).id),
    hash: async (orgId, purpose, value) => (await current()).hash(orgId, purpose, value),
    hashes: async (orgId, purpose, value) => Promise.all((await ring()).map((key) => key.hash(orgId, purpose, value))),
    hexHashes: async (orgId, purpose, value) => (await keyRing.hashes(orgId, purpose, value)).map(toHex),
  };
  return keyRing;
}

async function sealWith(
  key: RingKey,
  place: SealPlace,
  value: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const encrypted = await key.encrypt(place.orgId, { nonce, additionalData: placeBytes(place), value });
  const sealed = new Uint8Array(headerBytes + encrypted.byteLength);
  sealed[0] = format;
  sealed.set(key.id, 1);
  sealed.set(nonce, 1 + keyIdBytes);
  sealed.set(encrypted, headerBytes);
  return sealed;
}

async function unsealWith(key: RingKey, place: SealPlace, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (sealed[0] !== format) throw new UnsealError('The value was sealed by a newer version.');
  try {
    const opened = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: sealed.slice(1 + keyIdBytes, headerBytes), additionalData: placeBytes(place) },
      await key.sealing(place.orgId),
      sealed.slice(headerBytes),
    );
    return new Uint8Array(opened);
  } catch (cause) {
    throw new UnsealError('The sealed value was damaged or belongs elsewhere.', { cause });
  }
}

async function openSecret(
  secret: string,
  { keyedHash, encrypt }: { keyedHash?: KeyedHash | undefined; encrypt?: Encrypt | undefined },
): Promise<RingKey> {
  const root = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveKey', 'deriveBits']);
  const parameters = (label: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: text.encode('verve'),
    info: text.encode(label),
  });
  const deriveBytes = async (label: string, bytes: number) =>
    new Uint8Array(await crypto.subtle.deriveBits(parameters(label), root, bytes * 8));
  const sealing = remember((label) =>
    crypto.subtle.deriveKey(parameters(label), root, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  );
  const hashing = remember((label) =>
    crypto.subtle.deriveKey(parameters(label), root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']),
  );
  const keyBytes = remember((label) => deriveBytes(label, 32));
  const sealLabel = (orgId: string) => `seal/v1|${orgId.toLowerCase()}`;
  return {
    id: await deriveBytes('key-id/v1', keyIdBytes),
    sealing: (orgId) => sealing(sealLabel(orgId)),
    async encrypt(orgId, { nonce, additionalData, value }) {
      if (encrypt !== undefined) return encrypt(await keyBytes(sealLabel(orgId)), { nonce, additionalData, value });
      const parameters = { name: 'AES-GCM', iv: nonce, additionalData };
      return new Uint8Array(await crypto.subtle.encrypt(parameters, await sealing(sealLabel(orgId)), value));
    },
    async hash(orgId, purpose, value) {
      const label = `hash/v1|${purpose}|${orgId.toLowerCase()}`;
      if (keyedHash !== undefined) return new Uint8Array(await keyedHash(await keyBytes(label), value));
      const bytes = typeof value === 'string' ? text.encode(value) : value;
      return new Uint8Array(await crypto.subtle.sign('HMAC', await hashing(label), bytes));
    },
  };
}

/** Keeps what was derived, up to {@link keysKept}: beyond that the oldest go. */
function remember<Key>(derive: (label: string) => Promise<Key>): (label: string) => Promise<Key> {
  const cached = new Map<string, Promise<Key>>();
  return (label) => {
    const known = cached.get(label);
    if (known !== undefined) return known;
    const made = derive(label);
    const oldest = cached.size >= keysKept ? cached.keys().next().value : undefined;
    if (oldest !== undefined) cached.delete(oldest);
    cached.set(label, made);
    return made;
  };
}

function hasKeyId(sealed: Uint8Array, id: Uint8Array): boolean {
  return sealed.length > headerBytes && id.every((byte, i) => sealed[i + 1] === byte);
}

function placeBytes(place: SealPlace): Uint8Array<ArrayBuffer> {
  return text.encode(`${place.orgId.toLowerCase()}|${place.name}`);
}
