import type { Reader } from '../../test/zero-list.ts';
import { type MemberEnd, type PlanMentor, playInOrder } from './expected.ts';
import type { MemberHistory } from './plan.ts';

/** One member who did not end where his facts lead, or one mentor whose numbers are not theirs. */
export interface ShuffleDifference {
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Compares the database with the model that got every fact once and in order. A member under two mentors' codes may end
 * with either, and the other must then stand in the conflict list (hard case A6).
 */
export async function findShuffleDifferences(
  reader: Reader,
  orgId: string,
  mentors: readonly PlanMentor[],
  histories: readonly MemberHistory[],
  now: number,
): Promise<ShuffleDifference[]> {
  const expected = playInOrder(mentors, histories, now);
  const mentorOf = new Map(mentors.flatMap(({ mentorId, codes }) => codes.map((code) => [code, mentorId] as const)));
  const found = await readEnds(reader, orgId);
  const conflicts = await readConflicts(reader, orgId);
  const differences: ShuffleDifference[] = [];
  const totals = new Map<string, number>();
  for (const history of histories) {
    const { memberId, rivals } = history;
    const wanted = expected.get(memberId);
    const end = found.get(memberId);
    if (end?.isCredited) totals.set(end.mentorId, (totals.get(end.mentorId) ?? 0) + 1);
    const possible = rivals === null ? [wanted?.mentorId] : rivals.map((code) => mentorOf.get(code));
    const isRight =
      end !== undefined &&
      end.status === wanted?.status &&
      end.isCredited === wanted.isCredited &&
      possible.includes(end.mentorId);
    if (!isRight) differences.push({ subject: memberId, expected: describe(wanted), found: describe(end) });
    const losers = (rivals ?? []).filter((code) => mentorOf.get(code) !== end?.mentorId);
    for (const code of losers) {
      if (!conflicts.has(`${memberId}|${code}`)) {
        differences.push({ subject: memberId, expected: 'a conflict for the other code', found: 'none' });
      }
    }
  }
  for (const key of conflicts) {
    const memberId = key.split('|')[0] as string;
    if (!histories.some((history) => history.memberId === memberId && history.rivals !== null)) {
      differences.push({ subject: memberId, expected: 'no conflict', found: key });
    }
  }
  const stored = await reader.query('select mentor_id, credited from verve.mentor_totals where org_id = $1', [orgId]);
  for (const row of stored.rows as { mentor_id: string; credited: number }[]) {
    const total = totals.get(row.mentor_id) ?? 0;
    if (row.credited !== total) {
      differences.push({ subject: row.mentor_id, expected: `${total} credited`, found: `${row.credited}` });
    }
  }
  return differences;
}

const describe = (end: MemberEnd | undefined): string =>
  end === undefined ? 'nothing' : `${end.status}${end.isCredited ? ', credited' : ''} to ${end.mentorId}`;

async function readEnds(reader: Reader, orgId: string): Promise<Map<string, MemberEnd>> {
  const { rows } = await reader.query(
    `select sources.ref, attributions.mentor_id, attributions.status, attributions.is_credited
     from verve.referral_attributions as attributions
     join verve.sources on sources.id = attributions.source_id
     where attributions.org_id = $1 and attributions.superseded_at is null`,
    [orgId],
  );
  return new Map(
    (rows as { ref: string; mentor_id: string; status: string; is_credited: boolean }[]).map((row) => [
      row.ref,
      { mentorId: row.mentor_id, status: row.status, isCredited: row.is_credited },
    ]),
  );
}

async function readConflicts(reader: Reader, orgId: string): Promise<Set<string>> {
  const { rows } = await reader.query(
    `select sources.ref, items.code from verve.inbox_items as items join verve.sources on sources.id = items.source_id
     where items.org_id = $1 and items.kind = 'conflict'`,
    [orgId],
  );
  return new Set((rows as { ref: string; code: string }[]).map((row) => `${row.ref}|${row.code}`));
}
