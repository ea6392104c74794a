import type { Session } from '../database.ts';

/** What the join page needs to know of a code. */
export interface JoinCodeRow {
  codeId: string;
  code: string;
  mentorId: string | null; // null = the code's owner is no mentor
  status: 'active' | 'rotated' | 'invalidated';
  expiresAt: Date | null; // null = no lifetime
  rotatedAt: Date | null;
  invalidatedAt: Date | null;
  now: Date;
}

/** A code with its times and the present moment; null = not this organisation's. */
export async function findJoinCode(session: Session, codeId: string): Promise<JoinCodeRow | null> {
  const rows = await session.query<JoinCodeRow>(
    `select codes.id as "codeId", codes.code, codes.mentor_id as "mentorId", codes.status, codes.expires_at as "expiresAt", codes.rotated_at as "rotatedAt",
      codes.invalidated_at as "invalidatedAt", verve.clock() as now
    from verve.referral_codes codes where codes.org_id = $1 and codes.id = $2`,
    [session.orgId, codeId],
    'join_find_code',
  );
  return rows[0] ?? null;
}

/** What a registration reference stands for; null = nothing yet. */
export async function findRegistration(
  session: Session,
  registrationRef: string,
): Promise<{ attributionId: string; codeId: string; status: string; hasContact: boolean } | null> {
  const rows = await session.query<{ attributionId: string; codeId: string; status: string; hasContact: boolean }>(
    `select attributions.id as "attributionId", attributions.code_id as "codeId", attributions.status,
      exists (select from verve.registration_contacts contacts
        where contacts.org_id = attributions.org_id and contacts.attribution_id = attributions.id) as "hasContact"
    from verve.referral_attributions attributions
    where attributions.org_id = $1 and attributions.registration_ref = $2`,
    [session.orgId, registrationRef],
  );
  return rows[0] ?? null;
}

/** Waits for other submissions of the same sheet or the same person, in one order, until the transaction ends. */
export async function lockSubmissions(session: Session, names: readonly string[]): Promise<void> {
  for (const name of [...names].sort()) {
    await session.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `verve.join|${session.orgId}|${name}`,
    ]);
  }
}
