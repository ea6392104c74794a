const PREFIX = 'whsec_';

/**
 * The key bytes of a secret as it is shown (`whsec_` + base64; the prefix may be missing). Null where it is not base64
 * or decodes to nothing: the caller tells the person who typed it.
 */
export function decodeSecret(secret: string): Uint8Array<ArrayBuffer> | null {
  const text = secret.trim();
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const bytes = decodeBase64(encoded);
  return bytes !== null && bytes.length > 0 ? bytes : null;
}

/** A new secret as it is shown once: `whsec_` + base64 of 32 random bytes (Standard Webhooks asks for 24 to 64). */
export function generateSecret(): string {
  return PREFIX + encodeBase64(globalThis.crypto.getRandomValues(new Uint8Array(32)));
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Null where the text is not standard base64 (`-` and `_` are read as `+` and `/`; padding may be missing). */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(standard)) return null;
  try {
    const binary = atob(standard);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
    return bytes;
  } catch {
    return null;
  }
}
