import type { Session } from '../database.ts';

export type SecretPurpose = 'code' | 'webhook_signing' | 'webhook_key' | 'dataverse_client';

/** A secret without its value. */
export interface SecretRow {
  purpose: SecretPurpose;
  version: number;
  createdAt: Date;
  expiresAt: Date | null; // null = no deadline
}

export interface SealedSecretRow extends SecretRow {
  sealed: Uint8Array;
}

const columns = `organisation_secrets.purpose, organisation_secrets.version, organisation_secrets.created_at as "createdAt",
  organisation_secrets.expires_at as "expiresAt"`;

/** Every secret of the organisation, without values, newest first. */
export async function listSecrets(session: Session): Promise<SecretRow[]> {
  return session.query<SecretRow>(
    `select ${columns} from verve.organisation_secrets where organisation_secrets.org_id = $1
    order by organisation_secrets.purpose, organisation_secrets.version desc`,
    [session.orgId],
  );
}

/** The sealed secrets of a purpose that are valid now, newest first. */
export async function findValidSecrets(session: Session, purpose: SecretPurpose): Promise<SealedSecretRow[]> {
  return session.query<SealedSecretRow>(
    `select ${columns}, organisation_secrets.sealed from verve.organisation_secrets
    where organisation_secrets.org_id = $1 and organisation_secrets.purpose = $2
      and (organisation_secrets.expires_at is null or organisation_secrets.expires_at > verve.clock())
    order by organisation_secrets.version desc`,
    [session.orgId, purpose],
    'organisation_secrets_find_valid',
  );
}

/** The highest version of a purpose ever made, 0 = none. */
export async function findLatestVersion(session: Session, purpose: SecretPurpose): Promise<number> {
  const rows = await session.query<{ version: number }>(
    `select coalesce(max(organisation_secrets.version), 0)::int as version from verve.organisation_secrets
    where organisation_secrets.org_id = $1 and organisation_secrets.purpose = $2`,
    [session.orgId, purpose],
  );
  return rows[0]?.version ?? 0;
}

/** Stores a secret. False = that version exists; nothing is written then. */
export async function insertSecret(
  session: Session,
  row: { purpose: SecretPurpose; version: number; sealed: Uint8Array },
): Promise<boolean> {
  const inserted = await session.query(
    `insert into verve.organisation_secrets (org_id, purpose, version, sealed) values ($1, $2, $3, $4)
    on conflict on constraint organisation_secrets_one_per_version do nothing returning id`,
    [session.orgId, row.purpose, row.version, row.sealed],
  );
  return inserted.length === 1;
}

/**
 * Gives the version before `version` its deadline and ends every older one now, so that no more than two are valid.
 * A deadline that is already earlier stays.
 */
export async function endOlderSecrets(
  session: Session,
  input: { purpose: SecretPurpose; version: number; overlapHours: number },
): Promise<Date | null> {
  const rows = await session.query<{ version: number; expiresAt: Date }>(
    `update verve.organisation_secrets set expires_at = least(organisation_secrets.expires_at,
      verve.clock() + case when organisation_secrets.version = $3 - 1 then make_interval(secs => $4) else interval '0' end)
    where organisation_secrets.org_id = $1 and organisation_secrets.purpose = $2 and organisation_secrets.version < $3
      and (organisation_secrets.expires_at is null or organisation_secrets.expires_at > verve.clock())
    returning organisation_secrets.version, organisation_secrets.expires_at as "expiresAt"`,
    [session.orgId, input.purpose, input.version, input.overlapHours * 3_600],
  );
  return rows.find((row) => row.version === input.version - 1)?.expiresAt ?? null;
}
