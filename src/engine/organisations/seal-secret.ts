import type { KeyRing } from '../secrets/key-ring.ts';
import type { SecretPurpose } from './secrets-repository.ts';

/** Which secret of which organisation. The sealed value opens only as this one. */
export interface SecretName {
  orgId: string;
  purpose: SecretPurpose;
  version: number;
}

/** Encrypts a secret for storing. */
export function sealSecret(
  keyRing: KeyRing,
  { orgId, purpose, version }: SecretName,
  value: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return keyRing.seal({ orgId, name: `secret/${purpose}/${version}` }, value);
}

/** Decrypts a stored secret. Throws an UnsealError when the installation's secret is another one. */
export function unsealSecret(
  keyRing: KeyRing,
  { orgId, purpose, version }: SecretName,
  sealed: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return keyRing.unseal({ orgId, name: `secret/${purpose}/${version}` }, sealed);
}
