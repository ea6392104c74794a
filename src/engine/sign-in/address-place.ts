import type { SealPlace } from '../secrets/key-ring.ts';

/** Where a person's sealed address belongs; it opens nowhere else. */
export function addressPlace(orgId: string, userId: string): SealPlace {
  return { orgId: orgId.toLowerCase(), name: `sign-in-address/${userId.toLowerCase()}` };
}
