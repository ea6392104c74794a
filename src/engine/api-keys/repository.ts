import type { Session } from '../database.ts';

/** An API key without its secret. */
export interface ApiKey {
  apiKeyId: string;
  orgId: string;
  name: string;
  /** The first characters of the key, to tell keys apart. */
  prefix: string;
  scopes: string[];
  createdBy: string | null; // null = not known
  createdAt: Date;
  expiresAt: Date | null; // null = until revoked
  lastUsedAt: Date | null; // null = never used; exact to the hour
  revokedAt: Date | null; // null = not revoked
}

const columns = `api_keys.id as "apiKeyId", api_keys.org_id as "orgId", api_keys.name, api_keys.prefix, api_keys.scopes,
  api_keys.created_by as "createdBy", api_keys.created_at as "createdAt", api_keys.expires_at as "expiresAt",
  api_keys.last_used_at as "lastUsedAt", api_keys.revoked_at as "revokedAt"`;

/** Stores a key. */
export async function insertApiKey(
  session: Session,
  key: {
    apiKeyId: string;
    name: string;
    keyHash: Uint8Array;
    prefix: string;
    scopes: readonly string[];
    createdBy: string;
    expiresAt: Date | null;
  },
): Promise<ApiKey | null> {
  const rows = await session.query<ApiKey>(
    `insert into verve.api_keys (id, org_id, name, key_hash, prefix, scopes, created_by, expires_at)
    select $2, $1, $3, $4, $5, $6, $7, $8::timestamptz where $8 is null or $8 > verve.clock() returning ${columns}`,
    [session.orgId, key.apiKeyId, key.name, key.keyHash, key.prefix, key.scopes, key.createdBy, key.expiresAt],
  );
  return rows[0] ?? null;
}

/** Which key has this hash, or null. Works before the organisation is known; tells ids only. */
export async function locateApiKey(
  session: Session,
  keyHash: Uint8Array,
): Promise<{ orgId: string; apiKeyId: string } | null> {
  const rows = await session.query<{ orgId: string; apiKeyId: string }>(
    'select found.org_id as "orgId", found.api_key_id as "apiKeyId" from verve_private.find_api_key($1) as found',
    [keyHash],
    'api_keys_locate',
  );
  return rows[0] ?? null;
}

/** A key that may be used now, or null. Notes the use when the last note is older than an hour: no write per request. */
export async function useApiKey(session: Session, apiKeyId: string): Promise<ApiKey | null> {
  const rows = await session.query<ApiKey>(
    `with usable as materialized (
      select ${columns} from verve.api_keys
      join verve.organisations on organisations.id = api_keys.org_id and organisations.offboarded_at is null
      where api_keys.org_id = $1 and api_keys.id = $2 and api_keys.revoked_at is null
        and (api_keys.expires_at is null or api_keys.expires_at > verve.clock())
    ), noted as (
      update verve.api_keys set last_used_at = verve.clock() from usable
      where api_keys.org_id = $1 and api_keys.id = usable."apiKeyId"
        and (api_keys.last_used_at is null or api_keys.last_used_at < verve.clock() - interval '1 hour')
    )
    select usable.* from usable`,
    [session.orgId, apiKeyId],
    'api_keys_use',
  );
  return rows[0] ?? null;
}

/** The organisation's keys, newest first. */
export async function listApiKeys(
  session: Session,
  page: { limit: number; after: { createdAt: Date; id: string } | null; offset: number },
): Promise<ApiKey[]> {
  return session.query<ApiKey>(
    `select ${columns} from verve.api_keys where api_keys.org_id = $1
      and ($2::timestamptz is null or (api_keys.created_at, api_keys.id) < ($2, $3::uuid))
    order by api_keys.created_at desc, api_keys.id desc limit $4 offset $5`,
    [session.orgId, page.after?.createdAt ?? null, page.after?.id ?? null, page.limit, page.offset],
  );
}

/** Ends a key: the time it ended, and whether it was now; null = there is none. */
export async function revokeApiKey(
  session: Session,
  apiKeyId: string,
): Promise<{ key: ApiKey; isNew: boolean } | null> {
  const revoked = await session.query<ApiKey>(
    `update verve.api_keys set revoked_at = verve.clock()
    where api_keys.org_id = $1 and api_keys.id = $2 and api_keys.revoked_at is null returning ${columns}`,
    [session.orgId, apiKeyId],
  );
  if (revoked[0] !== undefined) return { key: revoked[0], isNew: true };
  const rows = await session.query<ApiKey>(
    `select ${columns} from verve.api_keys where api_keys.org_id = $1 and api_keys.id = $2`,
    [session.orgId, apiKeyId],
  );
  return rows[0] === undefined ? null : { key: rows[0], isNew: false };
}
