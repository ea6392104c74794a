/** What is encrypted, with a nonce that is never used again under the same key. */
export interface Plain {
  nonce: Uint8Array<ArrayBuffer>;
  additionalData: Uint8Array<ArrayBuffer>;
  value: Uint8Array<ArrayBuffer>;
}

/**
 * AES-256-GCM: gives the ciphertext with its 16-byte tag. A server may give a synchronous one: for a message so short most
 * of WebCrypto's work is a thread's wake-up.
 */
export type Encrypt = (key: Uint8Array<ArrayBuffer>, plain: Plain) => Uint8Array;
