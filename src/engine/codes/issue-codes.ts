import type { Session } from '../database.ts';
import type { NewEvent } from '../events/event.ts';
import { appendEvents } from '../events/repository.ts';
import { lockOwners, type NewCode, type OwnerState, readOwnerStates, retireCodes } from './issue-repository.ts';
import type { WantedCode } from './make-codes.ts';

/** What became of the wish for a code, before the code itself is read. */
export type IssueOutcome =
  | { outcome: 'existing' | 'created'; codeId: string }
  | { outcome: 'mentorInactive' | 'codeInvalidated' | 'notFound' };

/**
 * What an owner's state means for the wish (specification §2.2, §2.18). Pure. After a coordinator ended the last code only
 * a coordinator or administrator issues a new one; a mentor who left and is active again needs nobody's leave.
 */
function judgeWish(
  state: OwnerState,
  isMentor: boolean,
  mayReissue: boolean,
):
  | { outcome: 'existing'; codeId: string }
  | { outcome: 'wanted' }
  | { outcome: 'mentorInactive' | 'codeInvalidated' | 'notFound' } {
  if (isMentor && state.mentorStatus === null) return { outcome: 'notFound' };
  if (isMentor && state.mentorStatus !== 'active') return { outcome: 'mentorInactive' };
  if (state.activeCodeId !== null && !state.isActiveExpired) return { outcome: 'existing', codeId: state.activeCodeId };
  const wasEnded =
    state.activeCodeId === null && state.lastStatus === 'invalidated' && state.lastReason !== 'mentor_left';
  return wasEnded && !mayReissue ? { outcome: 'codeInvalidated' } : { outcome: 'wanted' };
}

/**
 * Gives every owner a code: the active one, or a new one. Without a write where all have one; otherwise it locks those
 * that have none, looks again, retires what had expired, and makes the rest at once. Safe to repeat and to race.
 */
export async function issueCodes(
  session: Session,
  make: MakeCodes,
  input: { ownerModel: string; ownerRefs: readonly string[]; mayReissue: boolean; endedBy: string },
): Promise<IssueOutcome[]> {
  const { ownerModel, mayReissue, endedBy } = input;
  const isMentor = ownerModel === 'mentor';
  const judge = (state: OwnerState) => judgeWish(state, isMentor, mayReissue);
  const seen = await readOwnerStates(session, ownerModel, input.ownerRefs);
  const outcomes = new Map<string, IssueOutcome>();
  const wanting: string[] = [];
  for (const state of seen) {
    const judged = judge(state);
    if (judged.outcome === 'wanted') wanting.push(state.ownerRef);
    else outcomes.set(state.ownerRef, judged);
  }
  if (wanting.length > 0) {
    const unique = [...new Set(wanting)];
    await lockOwners(session, ownerModel, unique);
    const toMake: OwnerState[] = [];
    for (const state of await readOwnerStates(session, ownerModel, unique)) {
      const judged = judge(state);
      if (judged.outcome === 'wanted') toMake.push(state);
      else outcomes.set(state.ownerRef, judged);
    }
    for (const code of await replaceCodes(session, make, { ownerModel, states: toMake, endedBy })) {
      outcomes.set(code.ownerRef, { outcome: 'created', codeId: code.id });
    }
  }
  return input.ownerRefs.map((ownerRef) => outcomes.get(ownerRef) ?? { outcome: 'notFound' });
}

/** How the next codes of owners come about: made from the secret, or a string that the host chose. */
export type MakeCodes = (wanted: readonly WantedCode[]) => Promise<NewCode[]>;

/**
 * Retires what owners still have and stores their next codes, with the events of both. The owners are locked. Makes nothing
 * (gives none) when a code to retire was ended in the meantime.
 */
export async function replaceCodes(
  session: Session,
  make: MakeCodes,
  input: { ownerModel: string; states: readonly OwnerState[]; endedBy: string },
): Promise<NewCode[]> {
  const { ownerModel, states, endedBy } = input;
  if (states.length === 0) return [];
  const retiring = states.flatMap((state) => (state.activeCodeId === null ? [] : [state.activeCodeId]));
  if (retiring.length > 0) {
    const retired = await retireCodes(session, retiring, endedBy);
    if (retired.length < retiring.length) return [];
  }
  const made = await make(
    states.map((state) => ({ ownerModel, ownerRef: state.ownerRef, rotationSequence: state.lastSequence + 1 })),
  );
  await appendEvents(
    session,
    states.flatMap((state, i) => replacementEvents(ownerModel, state, made[i] as NewCode)),
  );
  return made;
}

/** The events of a code that takes the place of another, or of none. */
function replacementEvents(ownerModel: string, state: OwnerState, made: NewCode): NewEvent[] {
  const mentorId = ownerModel === 'mentor' ? state.ownerRef : null;
  const created = codeCreated(ownerModel, made, state.activeCodeId);
  if (state.activeCodeId === null) return [created];
  const retired: NewEvent = {
    type: mentorId === null ? 'referral:code.deactivated' : 'code.rotated',
    mentorId,
    codeId: state.activeCodeId,
    data: { reason: state.isActiveExpired ? 'expired' : 'rotated', next_code_id: made.id },
  };
  return [retired, created];
}

/** The event of a new code. */
function codeCreated(ownerModel: string, made: NewCode, previousCodeId: string | null): NewEvent {
  return {
    type: ownerModel === 'mentor' ? 'code.created' : 'referral:code.created',
    mentorId: ownerModel === 'mentor' ? made.ownerRef : null,
    codeId: made.id,
    data: { sequence: made.rotationSequence, ...(previousCodeId === null ? {} : { previous_code_id: previousCodeId }) },
  };
}
