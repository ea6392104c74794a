import type { Pool } from 'pg';
import { applyFact } from './facts.ts';
import type { FactKind, ModelFact, World } from './world.ts';

interface FactRow {
  kind: FactKind;
  memberId: string | null;
  code: string | null;
  registrationRef: string | null;
  registeredAt: Date | null;
  occurredAt: Date;
  membershipType: string | null;
}

/**
 * Plays the facts that the database recorded on the model, in the order of arrival that the database gave them: whatever
 * ran at the same time, the result must be that of some order, and this is the one the record claims.
 */
export async function replayRecord(pool: Pool, orgId: string, world: World): Promise<number> {
  const { rows } = await pool.query<FactRow>(
    `select facts.kind, sources.ref as "memberId", facts.code, facts.registration_ref as "registrationRef",
       facts.registered_at as "registeredAt", facts.occurred_at as "occurredAt",
       facts.membership_type as "membershipType"
     from verve.attribution_facts as facts
     left join verve.sources on sources.id = facts.source_id
     where facts.org_id = $1
     order by facts.seq`,
    [orgId],
  );
  for (const row of rows) {
    const fact: ModelFact = {
      ...row,
      registeredAt: row.registeredAt?.getTime() ?? null,
      occurredAt: row.occurredAt.getTime(),
    };
    applyFact(world, fact);
  }
  return rows.length;
}
