/**
 * HMAC-SHA256. A server may give a synchronous one: for a value so short WebCrypto costs ten times as much, most of it a
 * thread's wake-up.
 */
export type KeyedHash = (key: Uint8Array<ArrayBuffer>, value: string | Uint8Array) => Uint8Array | Promise<Uint8Array>;

const text = new TextEncoder();

/** HMAC-SHA256 by WebCrypto. */
export const webKeyedHash: KeyedHash = async (key, value) => {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const bytes = typeof value === 'string' ? text.encode(value) : Uint8Array.from(value);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytes));
};
