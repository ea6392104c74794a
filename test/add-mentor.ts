import { randomInt, randomUUID } from 'node:crypto';
import { testDatabase } from './harness.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A mentor with an active code that is 400 days old. */
export async function addMentor(
  orgId: string,
  given: { mentorId?: string; code?: string } = {},
): Promise<{ mentorId: string; code: string }> {
  const { adminPool } = await testDatabase();
  const mentorId = given.mentorId ?? randomUUID();
  const code = given.code ?? Array.from({ length: 10 }, () => alphabet[randomInt(32)]).join('');
  await adminPool.query('insert into verve.mentors (id, org_id, display_name) values ($1, $2, $3)', [
    mentorId,
    orgId,
    'Mentor',
  ]);
  await adminPool.query('insert into verve.code_directory (code, org_id) values ($1, $2)', [code, orgId]);
  await adminPool.query(
    `insert into verve.referral_codes (org_id, owner_model, owner_ref, code, rotation_sequence, created_at)
     values ($1, 'mentor', $2, $3, 0, now() - interval '400 days')`,
    [orgId, mentorId, code],
  );
  return { mentorId, code };
}

/** What the organisation's mentors are credited with, by mentor. */
export async function creditsOf(orgId: string): Promise<Map<string, number>> {
  const { adminPool } = await testDatabase();
  const text = 'select mentor_id, credited from verve.mentor_totals where org_id = $1';
  const { rows } = await adminPool.query<{ mentor_id: string; credited: number }>(text, [orgId]);
  return new Map(rows.map((row) => [row.mentor_id, row.credited]));
}
