const hexOfBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes in hex, two small digits each. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexOfBytes[byte];
  return text;
}

/** Bytes in base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Bytes of a text in base64url. null = it is none, or not as {@link toBase64Url} spells it: the bits that pad the last
 * character must be zero, else one value has several spellings (RFC 4648 §3.5).
 */
export function fromBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : null;
}

/** A UUID of version 4 out of 16 bytes, of which it keeps 122 bits. */
export function toUuid(bytes: Uint8Array): string {
  const given = bytes.slice(0, 16);
  given[6] = ((given[6] ?? 0) & 0x0f) | 0x40; // version 4
  given[8] = ((given[8] ?? 0) & 0x3f) | 0x80; // variant 1
  return toHex(given).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
