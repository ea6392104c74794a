import { z } from 'zod';
import { type Actor, describeActor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import { toBase64Url, toHex } from '../encode-bytes.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { makeLatest } from '../organisations/latest.ts';
import { makePage, type Page, type PageRequest, readPageRequest } from '../paging.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { installationScopes, requireMay, scopes } from '../permissions.ts';
import { type ApiKey, insertApiKey, listApiKeys, locateApiKey, revokeApiKey, useApiKey } from './repository.ts';

export type { ApiKey } from './repository.ts';

const newKey = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(z.enum(scopes)).min(1),
  /** null = until it is revoked. (Default: null) */
  expiresAt: z.date().nullable().default(null),
});

/** A key's secret: `vrv_` and 32 random bytes in base64url. */
const keyForm = /^vrv_[A-Za-z0-9_-]{43}$/;
const prefixLength = 12;

/** Who a key speaks for. */
export interface KeyCaller {
  orgId: string;
  actor: Extract<Actor, { kind: 'key' }>;
}

export type ApiKeysService = ReturnType<typeof createApiKeys>;

/** API keys: scoped, shown once, kept as a keyed hash. */
export function createApiKeys(parts: EngineParts) {
  /** Keys belong to no organisation before they are found, so their hash has none either. */
  const hashes = (secret: string) => parts.keyRing.hashes('', 'api-key', secret);
  /** Whose key a hash is never changes, so it is remembered for seconds. Whether the key may be used is always asked. */
  const places = makeLatest((hash) =>
    parts.database.transaction({ role: 'none' }, (session) => locateApiKey(session, fromHex(hash))),
  );

  return {
    /**
     * Makes a key and shows its secret this once. Each call makes another one. Refuses an unknown scope, an expiry
     * that has passed, and (to all but the installation) a scope that reaches beyond the organisation.
     */
    async create(call: Call & z.input<typeof newKey>): Promise<{ key: ApiKey; secret: string }> {
      const { orgId: _, actor, ...rest } = call;
      requireMay(actor, 'key.manage');
      const values = readInput(newKey, rest);
      if (actor.kind !== 'system' && values.scopes.some((scope) => installationScopes.includes(scope))) {
        throw new VerveError('forbidden', 'Only the installation gives this scope: verve key create.');
      }
      const secret = `vrv_${toBase64Url(parts.random.bytes(32))}`;
      const [keyHash] = await hashes(secret);
      const key = await inOrganisation(parts, call, async (session) => {
        const made = await insertApiKey(session, {
          apiKeyId: parts.random.uuid(),
          name: values.name,
          keyHash: keyHash as Uint8Array,
          prefix: secret.slice(0, prefixLength),
          scopes: [...new Set(values.scopes)],
          createdBy: describeActor(actor),
          expiresAt: values.expiresAt,
        });
        if (made === null) {
          const fields = [{ field: 'expires_at', message: 'must lie in the future' }];
          throw new VerveError('invalid_request', 'A key cannot have expired before it is made.', { fields });
        }
        const details = { scopes: made.scopes, expires_at: made.expiresAt };
        await recordAction(session, { actor, action: 'key.create', subjectId: made.apiKeyId, details });
        return made;
      });
      return { key, secret };
    },

    /**
     * Who a secret speaks for, or null = nobody: unknown, expired, revoked at whatever server, or its organisation has
     * left. Notes the use at most once an hour. One transaction, and one more for a key that was not seen for 5 s.
     */
    async authenticate(secret: string): Promise<KeyCaller | null> {
      if (!keyForm.test(secret)) return null;
      for (const keyHash of await hashes(secret)) {
        const place = await places.get(toHex(keyHash));
        if (place === null) {
          places.forget(toHex(keyHash)); // it may be made at any moment, and guesses are not worth keeping
          continue;
        }
        const { orgId, apiKeyId } = place;
        const key = await inOrganisation(parts, { orgId }, (session) => useApiKey(session, apiKeyId));
        return key === null ? null : { orgId, actor: { kind: 'key', apiKeyId, scopes: key.scopes } };
      }
      return null;
    },

    /** Whether a key that was admitted before may still be used: not revoked, not expired, its organisation still here. */
    async isUsable({ orgId, apiKeyId }: { orgId: string; apiKeyId: string }): Promise<boolean> {
      return (await inOrganisation(parts, { orgId }, (session) => useApiKey(session, apiKeyId))) !== null;
    },

    /** The organisation's keys without their secrets, newest first. */
    async list(call: Call & { page?: PageRequest }): Promise<Page<ApiKey>> {
      requireMay(call.actor, 'key.manage');
      const page = readPageRequest(call.page ?? {});
      return inOrganisation(parts, call, async (session) => {
        const rows = await listApiKeys(session, { ...page, limit: page.limit + 1 });
        const { items, next } = makePage(
          rows.map((key) => ({ createdAt: key.createdAt, id: key.apiKeyId, key })),
          page.limit,
        );
        return { items: items.map((item) => item.key), next };
      });
    },

    /** Ends a key for good, at once. Safe to repeat (`alreadyRevoked`). Refuses with `not_found`. */
    async revoke(call: Call & { apiKeyId: string }): Promise<{ outcome: 'revoked' | 'alreadyRevoked'; key: ApiKey }> {
      requireMay(call.actor, 'key.manage');
      const apiKeyId = requireUuid(call.apiKeyId, 'api_key_id');
      return inOrganisation(parts, call, async (session) => {
        const revoked = await revokeApiKey(session, apiKeyId);
        if (revoked === null) throw new VerveError('not_found');
        if (revoked.isNew)
          await recordAction(session, { actor: call.actor, action: 'key.revoke', subjectId: apiKeyId });
        return { outcome: revoked.isNew ? 'revoked' : 'alreadyRevoked', key: revoked.key };
      });
    },
  };
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
