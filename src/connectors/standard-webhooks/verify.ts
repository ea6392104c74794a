import { equalBytes } from './constant-time.ts';
import { decodeBase64 } from './secret.ts';
import { hmac, signedContent } from './sign.ts';

/** What a look at the signature found. Every `outcome` but `verified` is answered 401, with one and the same body. */
export type Verification =
  | { outcome: 'verified'; webhookId: string; signedAt: Date; keyIndex: number }
  | { outcome: 'missing_headers' }
  | { outcome: 'malformed_headers' }
  | { outcome: 'timestamp_out_of_tolerance'; skewSeconds: number }
  | { outcome: 'no_matching_signature' };

export interface VerifyOptions {
  headers: { get(name: string): string | null };
  /** The raw bytes as received. */
  body: Uint8Array;
  /** The organisation's valid keys, newest first: two during rotation, none where the organisation is unknown. */
  keys: readonly Uint8Array[];
  now: Date;
  /** (Default: 300, as Standard Webhooks says.) */
  toleranceSeconds?: number;
}

const MAX_SIGNATURES = 16;
const MIN_KEYS = 2; // one, two or no key cost the same work
const DUMMY_KEY = new Uint8Array(32);

/**
 * Verifies a Standard Webhooks delivery (events-badges §5.2): any listed `v1` signature by any key, compared in constant
 * time. Other versions are passed over. The same number of HMACs is computed whether or not the organisation exists and
 * whatever is wrong, so that neither its existence nor the reason shows in the time. Never throws on what a sender sends.
 */
export async function verifyWebhook(options: VerifyOptions): Promise<Verification> {
  const { headers, body, keys, now, toleranceSeconds = 300 } = options;
  const id = headers.get('webhook-id');
  const timestamp = headers.get('webhook-timestamp');
  const signature = headers.get('webhook-signature');
  const content = signedContent(id ?? '', timestamp ?? '', body);
  const padded = keys.length >= MIN_KEYS ? keys : [...keys, ...Array(MIN_KEYS - keys.length).fill(DUMMY_KEY)];
  const expected = await Promise.all(padded.map((key) => hmac(key, content)));
  const keyIndex = findKey(expected, listedSignatures(signature ?? ''), keys.length);
  if (!id || !timestamp || !signature) return { outcome: 'missing_headers' };
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id) || !/^\d{1,12}$/.test(timestamp))
    return { outcome: 'malformed_headers' };
  if (keyIndex === null) return { outcome: 'no_matching_signature' };
  const signedAt = new Date(Number(timestamp) * 1000);
  const skewSeconds = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (Math.abs(skewSeconds) > toleranceSeconds) return { outcome: 'timestamp_out_of_tolerance', skewSeconds };
  return { outcome: 'verified', webhookId: id, signedAt, keyIndex };
}

/** Whether a request tries to be a Standard Webhooks delivery at all: such a one is never let in by a static key. */
export function isSigned(headers: { get(name: string): string | null }): boolean {
  return headers.get('webhook-signature') !== null;
}

function listedSignatures(header: string): Uint8Array[] {
  const listed: Uint8Array[] = [];
  for (const entry of header.split(' ').slice(0, MAX_SIGNATURES)) {
    if (!entry.startsWith('v1,')) continue;
    const bytes = decodeBase64(entry.slice(3));
    if (bytes !== null) listed.push(bytes);
  }
  return listed;
}

function findKey(expected: readonly Uint8Array[], listed: readonly Uint8Array[], realKeys: number): number | null {
  let found: number | null = null;
  expected.forEach((candidate, index) => {
    for (const signature of listed) {
      if (equalBytes(candidate, signature) && index < realKeys) found ??= index;
    }
  });
  return found;
}
