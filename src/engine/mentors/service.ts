import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import { endCodeOfLeaver } from '../codes/service.ts';
import type { Session } from '../database.ts';
import { refuseMissing, refuseTaken } from '../database-faults.ts';
import { VerveError } from '../errors.ts';
import { appendEvents } from '../events/repository.ts';
import { requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { makePage, type Page, type PageRequest, readPageRequest } from '../paging.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { branchesAllowed, requireMay } from '../permissions.ts';
import { type CreateMentorOutcome, createMentors as createRows } from './create-mentors.ts';
import { hashMemberIds } from './hash-member-ids.ts';
import { type MentorChange, mentorChangeSchema, type NewMentorInput } from './mentor-input.ts';
import {
  countMentors,
  findMentor,
  listMentors,
  lockMentor,
  type Mentor,
  type MentorFilter,
  type MentorStatus,
  updateMemberIdHash,
  updateMentor,
  updateStatus,
} from './repository.ts';
import { lockMembers, openSelfReferral } from './self-referral-repository.ts';

export type { CreateMentorOutcome } from './create-mentors.ts';
export type { Mentor, MentorStatus } from './repository.ts';

export type SetStatusOutcome = {
  outcome: 'changed' | 'unchanged';
  mentor: Mentor;
  /** The code that ended with it; null = none did. */
  endedCodeId: string | null;
};

/** What a list of mentors is narrowed to. */
export type MentorListFilter = Omit<MentorFilter, 'branchIds'>;

export type MentorsService = ReturnType<typeof createMentors>;

/** Peer mentors: who may recruit, and where they belong (specification §2.13, §2.18). */
export function createMentors(parts: EngineParts) {
  async function requireMentor(session: Session, mentorId: string): Promise<Mentor> {
    const mentor = await findMentor(session, mentorId);
    if (mentor === null) throw new VerveError('not_found');
    return mentor;
  }

  /** A mentor's own membership that was credited to him before anybody knew becomes one case (specification §2.11). */
  async function checkPastCredits(session: Session, mentorId: string, memberId: string): Promise<void> {
    const opened = await openSelfReferral(session, { mentorId, memberId });
    if (opened === null) return;
    const data = { inbox_item_id: opened.inboxItemId, kind: 'self_referral' };
    await appendEvents(session, [{ type: 'inbox.opened', mentorId, attributionId: opened.attributionId, data }]);
  }

  async function createAll(session: Session, actor: Actor, inputs: readonly NewMentorInput[]) {
    const outcomes = await createRows(parts, session, inputs);
    const made = outcomes.flatMap((one) => (one.outcome === 'created' ? [one.mentor.mentorId] : []));
    const subjectId = made.length === 1 ? (made[0] as string) : null;
    if (made.length > 0)
      await recordAction(session, { actor, action: 'mentor.create', subjectId, details: { count: made.length } });
    return outcomes;
  }

  return {
    /**
     * Makes a mentor. Safe to repeat when the host gives the id: the same id again is `alreadyExists`, with the mentor as
     * it is. Ids are the organisation's own: another's mentor with the same id is another mentor, and does not show.
     */
    async create(call: Call & NewMentorInput): Promise<CreateMentorOutcome> {
      const { orgId: _, actor, ...input } = call;
      requireMay(actor, 'mentor.create');
      const [outcome] = await inOrganisation(parts, call, (session) => createAll(session, actor, [input]));
      return outcome as CreateMentorOutcome;
    },

    /** {@link create} for up to 1,000 at once, set-based, in one transaction, in the order given. */
    async createMany(call: Call & { mentors: readonly NewMentorInput[] }): Promise<CreateMentorOutcome[]> {
      requireMay(call.actor, 'mentor.create');
      if (call.mentors.length > 1_000) throw new VerveError('invalid_request', 'At most 1,000 mentors at a time.');
      return inOrganisation(parts, call, (session) => createAll(session, call.actor, call.mentors));
    },

    /** A mentor. Refuses with `not_found`. */
    async get(call: Call & { mentorId: string }): Promise<Mentor> {
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, async (session) => {
        await authoriseAboutMentor(session, call.actor, 'mentor.read', mentorId);
        return requireMentor(session, mentorId);
      });
    },

    /** The organisation's mentors, newest first; a coordinator of branches gets those in them. */
    async list(call: Call & { page?: PageRequest; filter?: MentorListFilter }): Promise<Page<Mentor>> {
      const page = readPageRequest(call.page ?? {});
      const branchIds = branchesAllowed(call.actor, 'mentor.read');
      return inOrganisation(parts, call, async (session) => {
        const rows = await listMentors(session, { ...call.filter, branchIds }, { ...page, limit: page.limit + 1 });
        const { items, next } = makePage(
          rows.map((mentor) => ({ createdAt: mentor.createdAt, id: mentor.mentorId, mentor })),
          page.limit,
        );
        return { items: items.map((item) => item.mentor), next };
      });
    },

    /** How many mentors {@link list} goes through. */
    async count(call: Call & { filter?: MentorListFilter }): Promise<number> {
      const branchIds = branchesAllowed(call.actor, 'mentor.read');
      return inOrganisation(parts, call, (session) => countMentors(session, { ...call.filter, branchIds }));
    },

    /**
     * Changes account, name, branch or member id; what is left out stays. Safe to repeat. A member id that becomes known
     * is compared with past credits: one for the mentor's own membership opens a case. Refuses a user who is another mentor
     * already (`already_exists`) and an unknown branch (`not_found`).
     */
    async update(call: Call & { mentorId: string; change: MentorChange }): Promise<Mentor> {
      requireMay(call.actor, 'mentor.update');
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      const { memberId, ...change } = readInput(mentorChangeSchema, call.change);
      return inOrganisation(parts, call, async (session) => {
        if (memberId != null) await lockMembers(session);
        const before = await lockMentor(session, mentorId);
        if (before === null) throw new VerveError('not_found');
        const { userId = before.userId, branchId = before.branchId, displayName = before.displayName } = change;
        if (memberId !== undefined) {
          const [hash = null] = await hashMemberIds(parts.keyRing, session, [memberId]);
          await updateMemberIdHash(session, mentorId, hash);
          if (memberId !== null) await checkPastCredits(session, mentorId, memberId);
        }
        const write = updateMentor(session, { ...before, userId, branchId, displayName });
        const known = refuseMissing('mentors_branch_in_same_organisation', 'There is no such branch.', write);
        const after = await refuseTaken('mentors_one_per_user', 'This user is a mentor here already.', known);
        const details = { fields: Object.keys(call.change).sort() };
        await recordAction(session, { actor: call.actor, action: 'mentor.change', subjectId: mentorId, details });
        return after;
      });
    },

    /** Whether the mentor wants to be ranked; the mentor's own choice. Safe to repeat. */
    async setLeaderboard(call: Call & { mentorId: string; isOnLeaderboard: boolean }): Promise<Mentor> {
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, async (session) => {
        await authoriseAboutMentor(session, call.actor, 'mentor.choose', mentorId);
        const before = await lockMentor(session, mentorId);
        if (before === null) throw new VerveError('not_found');
        return updateMentor(session, { ...before, isOnLeaderboard: call.isOnLeaderboard });
      });
    },

    /**
     * Makes a mentor active, paused or left. Safe to repeat (`unchanged`). Leaving ends the active code in the same
     * transaction with the reason `mentor_left`; past credit stays. Pausing leaves the code as it is.
     */
    async setStatus(call: Call & { mentorId: string; status: MentorStatus }): Promise<SetStatusOutcome> {
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, async (session) => {
        const as = await authoriseAboutMentor(session, call.actor, 'mentor.set_status', mentorId);
        const before = await lockMentor(session, mentorId);
        if (before === null) throw new VerveError('not_found');
        if (before.status === call.status) return { outcome: 'unchanged', mentor: before, endedCodeId: null };
        const mentor = await updateStatus(session, mentorId, call.status);
        const endedCodeId = call.status === 'left' ? await endCodeOfLeaver(session, mentorId, as) : null;
        const details = { from: before.status, to: call.status, ended_code_id: endedCodeId };
        await recordAction(session, { actor: call.actor, action: 'mentor.set_status', subjectId: mentorId, details });
        return { outcome: 'changed', mentor, endedCodeId };
      });
    },
  };
}
