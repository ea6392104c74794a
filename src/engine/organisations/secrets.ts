import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { createSecret } from '../webhooks/sign.ts';
import { lockOrganisation } from './repository.ts';
import { sealSecret, unsealSecret } from './seal-secret.ts';
import {
  endOlderSecrets,
  findLatestVersion,
  findValidSecrets,
  insertSecret,
  listSecrets,
  type SecretPurpose,
  type SecretRow,
} from './secrets-repository.ts';

/** A new version of a secret; the value is shown this once. */
export interface NewSecret {
  purpose: SecretPurpose;
  version: number;
  value: string | null; // null = a code secret, which nobody needs to see
  /** Until when the version before stays valid; null = there was none, or (code) it has no deadline. */
  previousExpiresAt: Date | null;
}

/** Hours that two inbound secrets are valid side by side. */
const defaultOverlapHours = 72;
const longestOverlapHours = 720;

export type SecretsService = ReturnType<typeof createSecrets>;

/** An organisation's secrets: sealed, versioned, shown once. */
export function createSecrets(parts: EngineParts) {
  const text = new TextEncoder();

  /** Stores the next version of a secret and lets the one before run out. */
  async function store(
    session: Session,
    actor: Actor,
    purpose: SecretPurpose,
    value: Uint8Array<ArrayBuffer>,
    overlapHours: number | null,
  ): Promise<{ version: number; previousExpiresAt: Date | null }> {
    if ((await lockOrganisation(session)) === null) throw new VerveError('not_found');
    const version = (await findLatestVersion(session, purpose)) + 1;
    const sealed = await sealSecret(parts.keyRing, { orgId: session.orgId, purpose, version }, value);
    await insertSecret(session, { purpose, version, sealed });
    await recordAction(session, { actor, action: 'secret.rotate', subjectId: null, details: { purpose, version } });
    if (overlapHours === null) return { version, previousExpiresAt: null };
    return { version, previousExpiresAt: await endOlderSecrets(session, { purpose, version, overlapHours }) };
  }

  return {
    /**
     * Makes a new code secret. Stored codes stay valid for ever; codes made from now on carry the new version. Each
     * call makes another one.
     */
    async rotateCodeSecret(call: Call): Promise<NewSecret> {
      requireMay(call.actor, 'secret.manage');
      const made = await inOrganisation(parts, call, (session) =>
        store(session, call.actor, 'code', parts.random.bytes(32), null),
      );
      return { purpose: 'code', value: null, ...made };
    },

    /**
     * Makes a new secret for inbound deliveries. The one before stays valid for the overlap, older ones end now, so at
     * most two are valid. Each call makes another one.
     *
     * @param call.purpose `webhook_signing` for senders that sign, `webhook_key` for those that send a fixed header.
     * @param call.overlapHours 0 ends the old one at once. (Default: 72, at most 720)
     */
    async rotateInboundSecret(
      call: Call & { purpose: 'webhook_signing' | 'webhook_key'; overlapHours?: number | undefined },
    ): Promise<NewSecret> {
      requireMay(call.actor, 'secret.manage');
      const { purpose, overlapHours = defaultOverlapHours } = call;
      if (!(overlapHours >= 0 && overlapHours <= longestOverlapHours)) {
        throw new VerveError('invalid_request', `overlap_hours is from 0 to ${longestOverlapHours}.`);
      }
      const value = createSecret();
      const made = await inOrganisation(parts, call, (session) =>
        store(session, call.actor, purpose, text.encode(value), overlapHours),
      );
      return { purpose, value, ...made };
    },

    /** Stores a secret that another system gave us; it replaces the one before at once. Safe to repeat. */
    async setClientSecret(call: Call & { value: string }): Promise<SecretRow[]> {
      requireMay(call.actor, 'secret.manage');
      if (call.value.length === 0 || call.value.length > 4_000) {
        throw new VerveError('invalid_request', 'A client secret has 1 to 4,000 characters.');
      }
      return inOrganisation(parts, call, async (session) => {
        await store(session, call.actor, 'dataverse_client', text.encode(call.value), 0);
        return listSecrets(session);
      });
    },

    /** Which secrets there are, without their values, newest first. */
    async list(call: Call): Promise<SecretRow[]> {
      requireMay(call.actor, 'secret.manage');
      return inOrganisation(parts, call, listSecrets);
    },
  };
}

/** The values of a purpose's secrets that are valid now, newest first, for verifying what comes in. Empty = none. */
export async function openSecrets(
  parts: Pick<EngineParts, 'keyRing'>,
  session: Session,
  purpose: Exclude<SecretPurpose, 'code'>,
): Promise<string[]> {
  return (await openValidSecrets(parts, session, purpose)).map(({ value }) => value);
}

/** A secret's value and until when it is good. */
export interface ValidSecret {
  value: string;
  expiresAt: Date | null; // null = no deadline
}

/** {@link openSecrets} with their deadlines, for those who remember them for a moment. */
export async function openValidSecrets(
  parts: Pick<EngineParts, 'keyRing'>,
  session: Session,
  purpose: Exclude<SecretPurpose, 'code'>,
): Promise<ValidSecret[]> {
  const rows = await findValidSecrets(session, purpose);
  return Promise.all(
    rows.map(async ({ version, sealed, expiresAt }) => {
      const opened = await unsealSecret(parts.keyRing, { orgId: session.orgId, purpose, version }, sealed);
      return { value: new TextDecoder().decode(opened), expiresAt };
    }),
  );
}
