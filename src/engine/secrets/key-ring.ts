/** What a keyed hash is for. Two purposes, or two organisations, never give the same hash for the same value. */
export type HashPurpose = 'member-ref' | 'click-token' | 'device-token' | 'blind-index' | 'api-key' | 'erasure';

/** Where a sealed value belongs. It opens only for the same organisation and name. */
export interface SealPlace {
  orgId: string;
  /** What the value is, for example `code-secret/1`. */
  name: string;
}

/** Keys made from the installation's secret: for sealing values and for hashing with a key. Holds no state but keys. */
export interface KeyRing {
  /** The id of the key that new values are sealed with: eight hex digits that tell nothing about the secret. */
  readonly keyId: string;
  /** Encrypts (AES-256-GCM, a fresh nonce each time, bound to its place). Carries the id of the key it used. */
  seal(place: SealPlace, value: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Decrypts what any secret of the ring sealed. Throws {@link UnsealError} for another place, key or a changed byte. */
  unseal(place: SealPlace, sealed: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** {@link KeyRing.seal} for text. */
  sealText(place: SealPlace, value: string): Promise<Uint8Array<ArrayBuffer>>;
  /** {@link KeyRing.unseal} for text. */
  unsealText(place: SealPlace, sealed: Uint8Array): Promise<string>;
  /** Whether a sealed value was made with an older secret and should be sealed anew. */
  isOld(sealed: Uint8Array): boolean;
  /** HMAC-SHA256 of a value under the current secret. The same input gives the same 32 bytes, on every server. */
  hash(orgId: string, purpose: HashPurpose, value: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The hash under every secret of the ring, current first: look up by all of them, write the first. */
  hashes(orgId: string, purpose: HashPurpose, value: string): Promise<Uint8Array<ArrayBuffer>[]>;
}

/** A sealed value that these keys cannot open: another secret, another place, or damaged. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';
}

interface RingKey {
  id: Uint8Array<ArrayBuffer>;
  derive: (label: string) => Promise<CryptoKey>;
  cached: Map<string, Promise<CryptoKey>>;
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
 * @throws RangeError when there is none, or one is too short.
 */
export async function createKeyRing(secrets: string | readonly string[]): Promise<KeyRing> {
  const list = typeof secrets === 'string' ? [secrets] : secrets;
  const ring = await Promise.all(list.map(openSecret));
  const current = ring[0];
  if (current === undefined) throw new RangeError('A key ring needs at least one secret.');

  const unseal: KeyRing['unseal'] = async (place, sealed) => {
    const key = ring.find((one) => hasKeyId(sealed, one.id));
    if (key === undefined || sealed[0] !== format) throw new UnsealError('The value was sealed with another secret.');
    try {
      const opened = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv: sealed.slice(1 + keyIdBytes, headerBytes), additionalData: placeBytes(place) },
        await sealingKey(key, place.orgId),
        sealed.slice(headerBytes),
      );
      return new Uint8Array(opened);
    } catch (cause) {
      throw new UnsealError('The sealed value was damaged or belongs elsewhere.', { cause });
    }
  };
  const seal: KeyRing['seal'] = async (place, value) => {
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const encrypted = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv: nonce, additionalData: placeBytes(place) },
      await sealingKey(current, place.orgId),
      value,
    );
    const sealed = new Uint8Array(headerBytes + encrypted.byteLength);
    sealed[0] = format;
    sealed.set(current.id, 1);
    sealed.set(nonce, 1 + keyIdBytes);
    sealed.set(new Uint8Array(encrypted), headerBytes);
    return sealed;
  };

  return {
    keyId: hex(current.id),
    seal,
    unseal,
    sealText: (place, value) => seal(place, text.encode(value)),
    unsealText: async (place, sealed) => new TextDecoder('utf-8', { fatal: true }).decode(await unseal(place, sealed)),
    isOld: (sealed) => !hasKeyId(sealed, current.id),
    hash: (orgId, purpose, value) => hashWith(current, orgId, purpose, value),
    hashes: (orgId, purpose, value) => Promise.all(ring.map((key) => hashWith(key, orgId, purpose, value))),
  };
}

async function openSecret(secret: string): Promise<RingKey> {
  if (secret.length < shortestSecret) {
    throw new RangeError(
      `The secret must have at least ${shortestSecret} characters; make one with: openssl rand -hex 32`,
    );
  }
  const root = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveKey', 'deriveBits']);
  const parameters = (label: string) => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: text.encode('verve'),
    info: text.encode(label),
  });
  return {
    id: new Uint8Array(await crypto.subtle.deriveBits(parameters('key-id/v1'), root, keyIdBytes * 8)),
    derive: (label) =>
      label.startsWith('seal/')
        ? crypto.subtle.deriveKey(parameters(label), root, { name: 'AES-GCM', length: 256 }, false, [
            'encrypt',
            'decrypt',
          ])
        : crypto.subtle.deriveKey(parameters(label), root, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, [
            'sign',
          ]),
    cached: new Map(),
  };
}

function cachedKey(key: RingKey, label: string): Promise<CryptoKey> {
  const known = key.cached.get(label);
  if (known !== undefined) return known;
  const made = key.derive(label);
  if (key.cached.size >= keysKept) {
    for (const oldest of key.cached.keys()) {
      key.cached.delete(oldest);
      break;
    }
  }
  key.cached.set(label, made);
  return made;
}

function sealingKey(key: RingKey, orgId: string): Promise<CryptoKey> {
  return cachedKey(key, `seal/v1|${orgId.toLowerCase()}`);
}

async function hashWith(
  key: RingKey,
  orgId: string,
  purpose: HashPurpose,
  value: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const signer = await cachedKey(key, `hash/v1|${purpose}|${orgId.toLowerCase()}`);
  return new Uint8Array(await crypto.subtle.sign('HMAC', signer, text.encode(value)));
}

function hasKeyId(sealed: Uint8Array, id: Uint8Array): boolean {
  return sealed.length > headerBytes && id.every((byte, i) => sealed[i + 1] === byte);
}

function placeBytes(place: SealPlace): Uint8Array<ArrayBuffer> {
  return text.encode(`${place.orgId.toLowerCase()}|${place.name}`);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
