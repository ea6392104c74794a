import { encodeBase64 } from './secret.ts';

export interface SignOptions {
  /** Constant over all attempts; holds no full stop. */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  /** The very bytes that are sent. */
  body: Uint8Array;
  /** Keys, newest first; during rotation both the new and the old. */
  keys: readonly Uint8Array[];
}

/** The three headers of a Standard Webhooks request (`v1`, HMAC-SHA256), one signature for each key. Safe to repeat. */
export async function signWebhook(options: SignOptions): Promise<Record<string, string>> {
  const { id, timestamp, body, keys } = options;
  const content = signedContent(id, String(timestamp), body);
  const signatures = await Promise.all(keys.map(async (key) => `v1,${encodeBase64(await hmac(key, content))}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/** `{id}.{timestamp}.{raw body}`: the bytes a signature covers. */
export function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

/** HMAC-SHA256, 32 bytes. */
export async function hmac(key: Uint8Array, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await globalThis.crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, ['sign']);
  return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', imported, content));
}
