import { applyDecision } from './decide.ts';
import { mismatches, resolveMember, sourceOf } from './find.ts';
import { settleTotals } from './totals.ts';
import { isPositionNewer, type ModelAttribution, type ModelSource, type World } from './world.ts';

/** One approval by one person; the review is approved when enough different people have (§2.10). */
export const approve = (world: World, attribution: ModelAttribution, personId: string): string => {
  if (attribution.review === 'approved') return 'alreadyApproved';
  if (attribution.review !== 'waiting') return 'refused';
  if (attribution.approvedBy.includes(personId)) return 'alreadyApproved';
  attribution.approvedBy.push(personId);
  if (attribution.approvedBy.length < world.settings.approvalsNeeded) return 'awaitingReview';
  attribution.review = 'approved';
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
  if (!code || attribution.superseded || attribution.memberId === null) return 'refused';
  if (code.mentorId === attribution.mentorId) return 'refused';
  if (world.mentors.get(code.mentorId)?.memberId === attribution.memberId) return 'refused';
  const made: ModelAttribution = {
    ...attribution,
    arrival: ++world.arrivals,
    code: code.code,
    mentorId: code.mentorId,
    registrationRef: null,
    flags: new Set(attribution.flags),
    review: attribution.status === 'confirmed' ? 'approved' : attribution.review,
    approvedBy: [],
  };
  attribution.superseded = true;
  if (attribution.review === 'waiting') attribution.review = 'withdrawn';
  world.attributions.push(made);
  sourceOf(world, attribution.memberId).current = made;
  settleTotals(world);
  return 'reassigned';
};

/** §2.12: soft and idempotent both ways; counts follow. */
export const setRemoved = (world: World, attribution: ModelAttribution, isRemoved: boolean): void => {
  if (attribution.superseded) return;
  attribution.removed = isRemoved;
  settleTotals(world);
};

/** What waited under either id acts on what the other has, as far as it is newer. */
const actLate = (world: World, survivor: ModelAttribution, source: ModelSource): void => {
  const kept = source.kept.toSorted((a, b) => (isPositionNewer(a.position, b.position) ? 1 : -1));
  source.kept = [];
  for (const { fact, position } of kept) {
    if (!isPositionNewer(position, survivor.newest)) continue;
    if (fact.kind === 'confirmed' && survivor.status !== 'confirmed' && mismatches(world, fact, survivor)) {
      survivor.flags.add('code_mismatch');
    }
    applyDecision(world, survivor, fact.kind, position);
  }
};

/** §2.6: facts naming the old id reach the new; two credits open a conflict and both stand until a person decides. */
export const relinkMember = (world: World, oldId: string, newId: string): string => {
  const from = resolveMember(world, oldId);
  const to = resolveMember(world, newId);
  if (from === to) return 'alreadyLinked';
  const old = sourceOf(world, from);
  const kept = sourceOf(world, to);
  world.merged.set(from, to);
  kept.kept.push(...old.kept.splice(0));
  for (const mentor of world.mentors.values()) if (mentor.memberId === from) mentor.memberId = to;
  world.namedReferences = world.namedReferences.map((one) => (one.memberId === from ? { ...one, memberId: to } : one));
  const survivor = kept.current ?? old.current;
  if (survivor) actLate(world, survivor, kept);
  settleTotals(world);
  if (old.current && kept.current) {
    world.inbox.add(`conflict|${to}|${old.current.code}`);
    return 'conflict';
  }
  if (old.current) {
    old.current.memberId = to;
    kept.current = old.current;
    old.current = null;
  }
  return 'relinked';
};
