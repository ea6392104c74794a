import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { Encrypt } from '../engine/secrets/encrypt.ts';

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** AES-256-GCM at once, over a key object that is made once a key: about 15 µs, where raw bytes and WebCrypto take 50. */
export const nodeEncrypt: Encrypt = (key, { nonce, additionalData, value }) => {
  const keyObject = keyObjects.get(key) ?? keep(key);
  const cipher = createCipheriv('aes-256-gcm', keyObject, nonce).setAAD(additionalData);
  return Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
};

function keep(key: Uint8Array): KeyObject {
  const keyObject = createSecretKey(key);
  keyObjects.set(key, keyObject);
  return keyObject;
}
