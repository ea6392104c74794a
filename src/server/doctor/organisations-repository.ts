import type { Session } from '../../engine/database.ts';

/** How an organisation's reading of its membership system stands. */
export interface ReadingStanding {
  readonly hasSecret: boolean;
  readonly secretExpiresAt: Date | null; // null = no deadline, or no secret
  readonly lastStatus: string | null; // null = nothing was ever read
  readonly lastError: string | null;
}

/** Reads it. */
export async function readReadingStanding(session: Session): Promise<ReadingStanding> {
  const rows = await session.query<ReadingStanding>(
    `select secret.id is not null and coalesce(secret.expires_at > verve.clock(), true) as "hasSecret",
       secret.expires_at as "secretExpiresAt", run.status as "lastStatus", run.error_code as "lastError"
     from (select $1::uuid as org_id) as organisation
     left join lateral (
       select id, expires_at from verve.organisation_secrets
       where organisation_secrets.org_id = organisation.org_id and purpose = 'dataverse_client'
       order by version desc limit 1
     ) as secret on true
     left join lateral (
       select status, error_code from verve.reconciliation_runs
       where reconciliation_runs.org_id = organisation.org_id and finished_at is not null
       order by started_at desc limit 1
     ) as run on true`,
    [session.orgId],
  );
  return rows[0] as ReadingStanding;
}
