import type { Session } from '../database.ts';
import type { RecordedEvent } from '../events/event.ts';

/** What became of a wish to end a code. */
export interface EndedCode {
  isFound: boolean;
  /** Whether whoever asked may end the codes of its owner. */
  isInScope: boolean;
  codeId: string | null; // null = nothing was ended
  endedAt: Date | null;
}

interface EndedRow extends EndedCode {
  ownerModel: string | null;
  ownerRef: string | null;
  mentorId: string | null;
  eventSeq: number | null;
  eventId: string | null;
}

/** Which code: one by its id, or of an owner the active one, else the last. */
export type CodeChoice = { codeId: string } | { ownerModel: string; ownerRef: string };

/**
 * Invalidates a code and records the event in one statement: both happen or neither. A trigger tells every server's cache.
 * 1 finds the code and whether it lies in the branches given; 2 ends it, if it is still active when its row is reached;
 * 3 records the event for what was ended; 4 the entry on the audit log.
 *
 * @param input.actor Who ended it, for the audit log; null = it ended with something that has an entry of its own.
 * @param input.branchIds Branches that whoever asks may touch, with all below; null = the whole organisation.
 */
export async function endCode(
  session: Session,
  input: {
    choice: CodeChoice;
    reason: string;
    endedBy: string;
    branchIds: readonly string[] | null;
    actor: string | null;
  },
): Promise<EndedCode> {
  const { choice } = input;
  const codeId = 'codeId' in choice ? choice.codeId : null;
  const owner = 'codeId' in choice ? null : choice;
  const rows = await session.query<EndedRow>(
    `with recursive scope as (
      select branches.id from verve.branches where branches.org_id = $1 and branches.id = any ($5::uuid[])
      union
      select branches.id from verve.branches join scope on branches.parent_id = scope.id where branches.org_id = $1
    ), wanted as (
      select referral_codes.id,
        $5::uuid[] is null or exists (
          select from verve.mentors join scope on scope.id = mentors.branch_id
          where mentors.org_id = $1 and mentors.id = referral_codes.mentor_id) as is_in_scope
      from verve.referral_codes
      where referral_codes.org_id = $1 and referral_codes.id = coalesce($2::uuid, (
        select own.id from verve.referral_codes own
        where own.org_id = $1 and own.owner_model = $6 and own.owner_ref = $7
        order by own.status = 'active' desc, own.rotation_sequence desc limit 1))
    ), ended as (
      update verve.referral_codes set status = 'invalidated', invalidated_at = verve.clock(), invalidated_reason = $3,
        ended_by = $4
      from wanted
      where referral_codes.id = wanted.id and referral_codes.org_id = $1 and wanted.is_in_scope
        and referral_codes.status = 'active'
        and (referral_codes.expires_at is null or referral_codes.expires_at > verve.clock())
      returning referral_codes.id, referral_codes.owner_model, referral_codes.owner_ref,
        referral_codes.mentor_id, referral_codes.invalidated_at
    ), recorded as (
      insert into verve.referral_events (org_id, type, mentor_id, code_id, data)
      select $1, case when ended.owner_model = 'mentor' then 'code.invalidated' else 'referral:code.deactivated' end,
        ended.mentor_id, ended.id, jsonb_build_object('reason', $3::text)
      from ended
      returning referral_events.seq::float8 as seq, referral_events.id
    ), audited as (
      select verve_private.record_action($8, 'code.invalidate', 'code', ended.id::text, jsonb_build_object('reason', $3::text))
      from ended where $8::text is not null
    )
    select coalesce(wanted.id is not null, false) as "isFound", coalesce(wanted.is_in_scope, false) as "isInScope",
      ended.id as "codeId", ended.invalidated_at as "endedAt", ended.owner_model as "ownerModel",
      ended.owner_ref as "ownerRef", ended.mentor_id as "mentorId", recorded.seq as "eventSeq", recorded.id as "eventId"
    from (values (1)) as always (one)
    left join wanted on true left join ended on true left join recorded on true
    left join audited on true`,
    [
      session.orgId,
      codeId,
      input.reason,
      input.endedBy,
      input.branchIds,
      owner?.ownerModel ?? null,
      owner?.ownerRef ?? null,
      input.actor,
    ],
    'codes_end',
  );
  const row = rows[0] as EndedRow;
  if (row.eventId !== null) session.announce([toEvent(session.orgId, row, input.reason)]);
  return { isFound: row.isFound, isInScope: row.isInScope, codeId: row.codeId, endedAt: row.endedAt };
}

function toEvent(orgId: string, row: EndedRow, reason: string): RecordedEvent {
  return {
    seq: row.eventSeq as number,
    id: row.eventId as string,
    orgId,
    type: row.ownerModel === 'mentor' ? 'code.invalidated' : 'referral:code.deactivated',
    occurredAt: row.endedAt as Date,
    mentorId: row.mentorId,
    codeId: row.codeId,
    attributionId: null,
    data: { reason },
  };
}
