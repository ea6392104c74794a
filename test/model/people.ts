import { credit } from './decide.ts';
import { isKnown } from './erase.ts';
import { actLate, inOrder, isOwnMember } from './facts.ts';
import { resolveMember, sourceOf } from './find.ts';
import { askAboutBoth, mergeCases, openCase, settleCases } from './inbox.ts';
import { settleTotals } from './totals.ts';
import { isPositionNewer, type ModelAttribution, type Role, type World } from './world.ts';

/** One approval by one person; the review is approved when different people have filled every role (§2.10). */
export const approve = (world: World, attribution: ModelAttribution, personId: string, role: Role): string => {
  if (attribution.review === 'approved') return 'alreadyApproved';
  if (attribution.review !== 'waiting') return 'refused';
  const { approvals, rolesNeeded } = attribution;
  if (!approvals.some((one) => one.personId === personId)) approvals.push({ personId, role });
  // An administrator can stand for a coordinator, not the other way round.
  const administrators = approvals.filter((one) => one.role === 'org_admin').length;
  const isEnough = administrators >= rolesNeeded.filter((needed) => needed === 'org_admin').length;
  if (!isEnough || approvals.length < rolesNeeded.length) return 'approvalRecorded';
  attribution.review = 'approved';
  credit(world, attribution);
  settleTotals(world);
  return 'approved';
};

/** After credit a rejection is refused; a repeat changes nothing (§2.10). */
export const reject = (attribution: ModelAttribution): string => {
  if (attribution.review === 'rejected') return 'alreadyRejected';
  if (attribution.review !== 'waiting') return 'refused';
  attribution.review = 'rejected';
  return 'rejected';
};

/** §2.6: the old row is superseded, a new one stands under the other mentor's code; reassigning is itself the review. */
export const reassign = (world: World, attribution: ModelAttribution, toCode: string): string => {
  const code = world.codes.get(toCode);
  if (!code || attribution.memberId === null) return 'refused';
  if (code.mentorId === attribution.mentorId) return 'unchanged';
  if (attribution.superseded || isOwnMember(world, code.mentorId, attribution.memberId)) return 'refused';
  const made: ModelAttribution = {
    ...attribution,
    arrival: ++world.arrivals,
    code: code.code,
    mentorId: code.mentorId,
    registrationRef: null,
    flags: new Set(attribution.flags),
    review: attribution.status === 'confirmed' ? 'approved' : attribution.review,
    approvals: [],
    credited: null,
    moved: true,
  };
  if (made.status === 'confirmed') credit(world, made);
  attribution.superseded = true;
  if (attribution.review === 'waiting') attribution.review = 'withdrawn';
  world.attributions.push(made);
  // An erased member has no source any more; one of two merged credits has its own still.
  const source = world.sources.get(attribution.memberId);
  if (source) source.current = made;
  settleTotals(world);
  return 'reassigned';
};

/** §2.12: soft and idempotent both ways; counts follow. A row that gave way to another is not acted on. */
export const setRemoved = (world: World, attribution: ModelAttribution, isRemoved: boolean): string => {
  if (attribution.removed === isRemoved) return isRemoved ? 'alreadyRemoved' : 'notRemoved';
  if (attribution.superseded) return 'refused';
  attribution.removed = isRemoved;
  settleTotals(world);
  return isRemoved ? 'removed' : 'restored';
};

/** A member id of a mentor becomes known: a past credit for himself is shown to a person, and stays until then (§2.11). */
export const learnMemberId = (world: World, mentorId: string, memberId: string): void => {
  const mentor = world.mentors.get(mentorId);
  if (mentor) mentor.memberId = resolveMember(world, memberId);
  askAboutOneself(world, world.sources.get(resolveMember(world, memberId))?.current ?? null);
};

const askAboutOneself = (world: World, current: ModelAttribution | null): void => {
  if (current === null || current.removed || !isOwnMember(world, current.mentorId, current.memberId)) return;
  if (current.status === 'pending' || current.status === 'confirmed')
    openCase(world, 'self_referral', current.memberId as string, current.code);
};

/** §2.6: facts naming the old id reach the new; two credits open a conflict and both stand until a person decides. */
export const relinkMember = (world: World, oldId: string, newId: string): string => {
  if (oldId === newId) return 'alreadyRelinked';
  const isGone = (id: string): boolean => world.erased.has(id) && !isKnown(world, id);
  for (const id of [oldId, newId]) if (!isGone(id)) sourceOf(world, id);
  if (isGone(oldId) || isGone(newId)) return 'ignoredErased';
  const from = resolveMember(world, oldId);
  const to = resolveMember(world, newId);
  if (from === to) return 'alreadyRelinked';
  const old = sourceOf(world, from);
  const kept = sourceOf(world, to);
  world.merged.set(from, to);
  mergeCases(world, from, to, kept.current);
  kept.kept.push(...old.kept.splice(0));
  for (const mentor of world.mentors.values()) if (mentor.memberId === from) mentor.memberId = to;
  world.namedReferences = world.namedReferences.map((one) => (one.memberId === from ? { ...one, memberId: to } : one));
  const survivor = kept.current ?? old.current;
  if (survivor) {
    settleCases(world, to);
    for (const one of inOrder(kept.kept.splice(0)))
      if (isPositionNewer(one.position, survivor.newest)) actLate(world, survivor, one);
  }
  settleTotals(world);
  const isConflict = old.current !== null && kept.current !== null;
  if (isConflict) askAboutBoth(world, to, (old.current as ModelAttribution).code);
  for (const current of [old.current, kept.current]) askAboutOneself(world, current);
  if (isConflict) return 'conflict';
  if (old.current) {
    old.current.memberId = to;
    kept.current = old.current;
    old.current = null;
  }
  return 'relinked';
};
