import type { ModelAttribution, ModelFact, Position, World } from './world.ts';
import { isPositionNewer, stamp } from './world.ts';

/** A newer confirmation after the end of a membership, further away than the rejoin gap (§2.16). */
export const isBeyondGap = (world: World, attribution: ModelAttribution, position: Position): boolean =>
  (attribution.status === 'reversed' || attribution.status === 'rejected') &&
  attribution.review !== 'rejected' &&
  attribution.endedAt !== null &&
  isPositionNewer(position, attribution.newest) &&
  position.at > attribution.endedAt + world.settings.rejoinGapMs;

/** §2.19: membership types can be excluded from credit. */
export const isEligible = (world: World, fact: ModelFact): boolean =>
  !world.settings.excludedTypes.includes(fact.membershipType ?? '');

/** How many registrations or confirmations of a mentor arrived in the last hour. */
export const arrivedLately = (
  world: World,
  mentorId: string,
  what: 'registrationArrivedAt' | 'confirmationArrivedAt',
): number =>
  world.attributions.filter(
    (one) => one.mentorId === mentorId && !one.moved && (one[what] ?? -Infinity) > world.now - HOUR_MS,
  ).length;

const HOUR_MS = 3_600_000;

/** §2.16: what one decision of the membership system does to an attribution that it concerns. */
export const applyDecision = (
  world: World,
  attribution: ModelAttribution,
  fact: ModelFact,
  position: Position,
): string => {
  if (attribution.review === 'rejected') return 'alreadyRejected';
  const isNewer = isPositionNewer(position, attribution.newest);
  if (fact.kind === 'confirmed') {
    if (!isEligible(world, fact) && attribution.status !== 'confirmed') return refuse(attribution, position);
    if (!isNewer) {
      // An earlier-dated confirmation of what a reversal has ended: confirmed and reversed, net 0.
      if (attribution.status === 'rejected') {
        attribution.status = 'reversed';
        attribution.confirmationArrivedAt = world.now;
        attribution.confirmed = stamp(world, position.at, attribution.confirmed);
        return 'reversed';
      }
      return already(attribution);
    }
    attribution.newest = position;
    if (attribution.status === 'confirmed') return 'alreadyConfirmed';
    confirm(world, attribution, position);
    return attribution.review === 'waiting' ? 'awaitingReview' : 'confirmed';
  }
  if (!isNewer) return already(attribution);
  attribution.newest = position;
  if (attribution.status === 'reversed' || attribution.status === 'rejected') return already(attribution);
  attribution.endedAt = position.at;
  attribution.status = attribution.status === 'confirmed' ? 'reversed' : 'rejected';
  if (attribution.review === 'waiting') attribution.review = 'withdrawn';
  return attribution.status;
};

const already = (attribution: ModelAttribution): string =>
  ({ pending: 'ignored', confirmed: 'alreadyConfirmed', rejected: 'alreadyRejected', reversed: 'alreadyReversed' })[
    attribution.status
  ];

/** §2.19: a type that never credits ends what is pending, and changes nothing else. */
const refuse = (attribution: ModelAttribution, position: Position): string => {
  if (attribution.status === 'pending' && isPositionNewer(position, attribution.newest)) {
    attribution.newest = position;
    attribution.endedAt = position.at;
    attribution.status = 'rejected';
  }
  return 'notEligible';
};

/** §2.10: confirming, also again after a reversal, opens a new review where one applies. */
const confirm = (world: World, attribution: ModelAttribution, position: Position): void => {
  if (arrivedLately(world, attribution.mentorId, 'confirmationArrivedAt') >= world.settings.velocityPerHour)
    attribution.flags.add('velocity');
  attribution.status = 'confirmed';
  attribution.confirmationArrivedAt = world.now;
  attribution.confirmed = stamp(world, position.at, attribution.confirmed);
  attribution.endedAt = null;
  attribution.approvals = [];
  const { review, reviewCodeOrder, reviewRoles } = world.settings;
  const isFlagged = [...attribution.flags].some((flag) => flag !== 'code_order' || reviewCodeOrder);
  attribution.review = review === 'all' || (review === 'flagged' && isFlagged) ? 'waiting' : 'none';
  attribution.rolesNeeded = reviewRoles;
  if (attribution.review === 'none') credit(world, attribution);
};

/** The moment of the credit, with its day. */
export const credit = (world: World, attribution: ModelAttribution): void => {
  attribution.credited = stamp(world, world.now, attribution.credited);
};
