import { describeActor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { type AllowedAs, branchesAllowed, requireMay } from '../permissions.ts';
import { type CodeRow, type ReferralCode, toReferralCode } from './code.ts';
import { createCodeReading } from './code-reading.ts';
import { type CodeChoice, endCode } from './end-repository.ts';
import type { CodeOwner } from './generate-code.ts';
import { type IssueOutcome, issueCodes, replaceCodes } from './issue-codes.ts';
import { lockOwners, type NewCode, type OwnerState, readOwnerStates, storeDeviceToken } from './issue-repository.ts';
import { createCodeMaker, type WantedCode } from './make-codes.ts';
import { mentorOf, type OwnerInput, readOwner } from './owner.ts';
import { readCode } from './read-code.ts';
import { findCodeById, findCodesByIds } from './repository.ts';

/** What asking for a code gives. */
export type GetOrCreateOutcome =
  | { outcome: 'existing' | 'created'; code: ReferralCode }
  /** The mentor is paused or has left. */
  | { outcome: 'mentorInactive' }
  /** Somebody ended the last code; a coordinator or administrator issues the next. */
  | { outcome: 'codeInvalidated' }
  /** There is no such mentor here. */
  | { outcome: 'notFound' };

export type RotateOutcome =
  | { outcome: 'rotated'; code: ReferralCode; previous: ReferralCode }
  /** The owner has no code to rotate. */
  | { outcome: 'noActiveCode' }
  | { outcome: 'mentorInactive' }
  | { outcome: 'notFound' };

export type InvalidateOutcome =
  | { outcome: 'success'; codeId: string; invalidatedAt: Date }
  | { outcome: 'alreadyInactive' }
  | { outcome: 'notFound' };

/** Rotations that a mentor may make himself within 30 days. */
const mostOwnRotations = 3;

export type CodesService = ReturnType<typeof createCodes>;

/** Referral codes: who has which, from when to when (specification §2.1–2.3, §2.18, §4). */
export function createCodes(parts: EngineParts) {
  const maker = createCodeMaker(parts);

  /** One owner's state under lock, after checking that the actor may do this to it. */
  async function lockedState(session: Session, owner: CodeOwner): Promise<OwnerState> {
    await lockOwners(session, owner.ownerModel, [owner.ownerRef]);
    return (await readOwnerStates(session, owner.ownerModel, [owner.ownerRef]))[0] as OwnerState;
  }

  async function complete(session: Session, issued: readonly IssueOutcome[]): Promise<GetOrCreateOutcome[]> {
    const ids = issued.flatMap((one) => ('codeId' in one ? [one.codeId] : []));
    const rows = new Map((await findCodesByIds(session, ids)).map((row) => [row.id, toReferralCode(row)]));
    return issued.map((one) =>
      'codeId' in one ? { outcome: one.outcome, code: rows.get(one.codeId) as ReferralCode } : one,
    );
  }

  /** A first code is nobody's decision; the next one after an end is, where the mentor did not ask for it himself. */
  async function recordIssues(session: Session, call: Call, as: AllowedAs, outcomes: readonly GetOrCreateOutcome[]) {
    for (const one of outcomes) {
      if (one.outcome !== 'created' || one.code.rotationSequence === 0 || as === 'peer_mentor') continue;
      await recordAction(session, { actor: call.actor, action: 'code.issue', subjectId: one.code.codeId });
    }
  }

  async function requireCode(session: Session, codeId: string): Promise<ReferralCode> {
    return toReferralCode((await findCodeById(session, codeId)) as CodeRow);
  }

  /** Refuses before any query who may end no code at all; for coordinators of branches the statement itself decides. */
  async function end(call: Call & { choice: CodeChoice; reason: string }): Promise<InvalidateOutcome> {
    const branchIds = branchesAllowed(call.actor, 'code.invalidate');
    const endedBy = branchIds === null ? requireMay(call.actor, 'code.invalidate') : 'coordinator';
    const ended = await inOrganisation(parts, call, (session) =>
      endCode(session, {
        choice: call.choice,
        reason: call.reason,
        endedBy,
        branchIds,
        actor: describeActor(call.actor),
      }),
    );
    if (!ended.isFound) return { outcome: 'notFound' };
    if (!ended.isInScope) throw new VerveError('forbidden');
    if (ended.codeId === null) return { outcome: 'alreadyInactive' };
    return { outcome: 'success', codeId: ended.codeId, invalidatedAt: ended.endedAt as Date };
  }

  return {
    ...createCodeReading(parts),

    /**
     * Gives the owner's active code, or makes one. Safe to repeat and to race: everybody gets the same code, and where
     * there is one nothing is written. Refuses who may not see the owner's code.
     *
     * @param input.deviceToken A random value of the mentor's own app; only its keyed hash is kept, to flag a
     *   registration from the same device.
     */
    async getOrCreate(input: Call & OwnerInput & { deviceToken?: string | undefined }): Promise<GetOrCreateOutcome> {
      const owner = readOwner(input);
      const mentorId = mentorOf(owner);
      return inOrganisation(parts, input, async (session) => {
        const as = await authoriseAboutMentor(session, input.actor, 'code.create', mentorId);
        const issued = await issueCodes(session, (wanted) => maker.make(session, wanted), {
          ownerModel: owner.ownerModel,
          ownerRefs: [owner.ownerRef],
          mayReissue: as !== 'peer_mentor',
          endedBy: as,
        });
        if (input.deviceToken !== undefined && mentorId !== null && as === 'peer_mentor') {
          const hash = await parts.keyRing.hash(session.orgId, 'device-token', input.deviceToken);
          await storeDeviceToken(session, mentorId, hash);
        }
        const outcomes = await complete(session, issued);
        await recordIssues(session, input, as, outcomes);
        return outcomes[0] as GetOrCreateOutcome;
      });
    },

    /**
     * {@link getOrCreate} for up to 1,000 mentors at once, set-based, in the order asked; for administrators, keys and
     * the host. Safe to repeat: where all have a code, nothing is written.
     */
    async getOrCreateMany(
      input: Call & ({ mentorIds: readonly string[] } | { ownerModel: string; ownerRefs: readonly string[] }),
    ): Promise<GetOrCreateOutcome[]> {
      const owners =
        'mentorIds' in input
          ? input.mentorIds.map((mentorId) => readOwner({ mentorId }))
          : input.ownerRefs.map((ownerRef) => readOwner({ ownerModel: input.ownerModel, ownerRef }));
      if (owners.length > 1_000) throw new VerveError('invalid_request', 'At most 1,000 owners at a time.');
      const as = requireMay(input.actor, 'code.create');
      const [first] = owners;
      if (first === undefined) return [];
      return inOrganisation(parts, input, async (session) => {
        const issued = await issueCodes(session, (wanted) => maker.make(session, wanted), {
          ownerModel: first.ownerModel,
          ownerRefs: owners.map((owner) => owner.ownerRef),
          mayReissue: true,
          endedBy: as,
        });
        const outcomes = await complete(session, issued);
        await recordIssues(session, input, as, outcomes);
        return outcomes;
      });
    },

    /**
     * Stores a code string that the host chose, read as people type it. Not safe to repeat: refuses with
     * `active_code_exists` when the owner has an active code, `code_taken` when anybody ever had the string,
     * `invalid_code` when it has not the form of a code, `mentor_inactive`, `code_invalidated` and `not_found`.
     */
    async createCode(input: Call & OwnerInput & { code: string }): Promise<ReferralCode> {
      const owner = readOwner(input);
      const code = readCode(input.code);
      if (code === null) throw new VerveError('invalid_code');
      return inOrganisation(parts, input, async (session) => {
        const as = await authoriseAboutMentor(session, input.actor, 'code.create', mentorOf(owner));
        const state = await lockedState(session, owner);
        if (mentorOf(owner) !== null && state.mentorStatus === null) throw new VerveError('not_found');
        if (mentorOf(owner) !== null && state.mentorStatus !== 'active') throw new VerveError('mentor_inactive');
        if (state.activeCodeId !== null && !state.isActiveExpired) throw new VerveError('active_code_exists');
        const wasEnded = state.lastStatus === 'invalidated' && state.lastReason !== 'mentor_left';
        if (wasEnded && as === 'peer_mentor') throw new VerveError('code_invalidated');
        const take = (wanted: readonly WantedCode[]) => maker.take(session, wanted[0] as WantedCode, code);
        const replacing = { ownerModel: owner.ownerModel, states: [state], endedBy: as };
        const made = (await replaceCodes(session, async (wanted) => [await take(wanted)], replacing))[0] as NewCode;
        if (as !== 'peer_mentor')
          await recordAction(session, { actor: input.actor, action: 'code.issue', subjectId: made.id });
        return requireCode(session, made.id);
      });
    },

    /**
     * Retires the owner's code and makes the next, in one transaction. Each call rotates once more; of two at the same
     * time both rotate, one after the other. A mentor may do it himself three times in 30 days: then `too_many_rotations`.
     *
     * @param input.onlyCodeId Rotates this code alone: `noActiveCode` when it has ended. So a repeated request, and a
     * second one at the same time, rotate nothing. (Default: whichever code is active)
     */
    async rotateCode(input: Call & OwnerInput & { onlyCodeId?: string | undefined }): Promise<RotateOutcome> {
      const owner = readOwner(input);
      return inOrganisation(parts, input, async (session) => {
        const as = await authoriseAboutMentor(session, input.actor, 'code.rotate', mentorOf(owner));
        const state = await lockedState(session, owner);
        if (mentorOf(owner) !== null && state.mentorStatus === null) return { outcome: 'notFound' };
        if (mentorOf(owner) !== null && state.mentorStatus !== 'active') return { outcome: 'mentorInactive' };
        const { onlyCodeId = state.activeCodeId } = input;
        if (state.activeCodeId === null || state.activeCodeId !== onlyCodeId) return { outcome: 'noActiveCode' };
        if (as === 'peer_mentor' && state.ownRotations >= mostOwnRotations) throw new VerveError('too_many_rotations');
        const [made] = await replaceCodes(session, (wanted) => maker.make(session, wanted), {
          ownerModel: owner.ownerModel,
          states: [state],
          endedBy: as,
        });
        if (made === undefined) return { outcome: 'noActiveCode' };
        if (as !== 'peer_mentor')
          await recordAction(session, { actor: input.actor, action: 'code.rotate', subjectId: made.id });
        const code = await requireCode(session, made.id);
        return { outcome: 'rotated', code, previous: await requireCode(session, state.activeCodeId) };
      });
    },

    /**
     * Ends a code for good. Safe to repeat (`alreadyInactive`). One statement: the change, its event and the word to every
     * server's cache, or none of them; a fault is passed on. Ids and the right to do it are checked before any query.
     *
     * @param input.reason A word for the record, such as `lost` or `misused`. (Default: coordinator)
     */
    async invalidateCode(input: Call & { codeId: string; reason?: string | undefined }): Promise<InvalidateOutcome> {
      const codeId = requireUuid(input.codeId, 'code_id');
      requireUuid(input.orgId, 'org_id');
      return end({ ...input, choice: { codeId }, reason: readReason(input.reason) });
    },

    /** {@link invalidateCode} for the active code of an owner; `notFound` = there is no active one. */
    async deactivateCode(input: Call & OwnerInput & { reason?: string | undefined }): Promise<InvalidateOutcome> {
      const owner = readOwner(input);
      requireUuid(input.orgId, 'org_id');
      return end({ ...input, choice: owner, reason: readReason(input.reason) });
    },
  };
}

function readReason(reason = 'coordinator'): string {
  if (/^[a-z][a-z0-9_]{0,63}$/.test(reason)) return reason;
  throw new VerveError('invalid_request', 'A reason is a word of a-z, 0-9 and underscores.');
}

/**
 * Ends the active code of a mentor who leaves, within the transaction of leaving. Gives the id of the code that ended, or
 * null = there was none. For the mentors' own service, which has locked the mentor.
 */
export async function endCodeOfLeaver(session: Session, mentorId: string, endedBy: string): Promise<string | null> {
  const choice = { ownerModel: 'mentor', ownerRef: mentorId };
  const ended = await endCode(session, { choice, reason: 'mentor_left', endedBy, branchIds: null, actor: null });
  return ended.codeId;
}
