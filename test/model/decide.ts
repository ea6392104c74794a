import type { FactKind, ModelAttribution, Position, World } from './world.ts';
import { isPositionNewer } from './world.ts';

/** A newer confirmation after the end of a membership, further away than the rejoin gap (§2.16). */
export const isBeyondGap = (world: World, attribution: ModelAttribution, position: Position): boolean =>
  (attribution.status === 'reversed' || attribution.status === 'rejected') &&
  attribution.review !== 'rejected' &&
  attribution.endedAt !== null &&
  isPositionNewer(position, attribution.newest) &&
  position.at > attribution.endedAt + world.settings.rejoinGapMs;

/** §2.16: what one decision of the membership system does to an attribution that it concerns. */
export const applyDecision = (
  world: World,
  attribution: ModelAttribution,
  kind: Exclude<FactKind, 'registered'> | FactKind,
  position: Position,
): string => {
  if (attribution.review === 'rejected') return 'alreadyRejected';
  const isNewer = isPositionNewer(position, attribution.newest);
  if (kind === 'confirmed') {
    if (!isNewer) {
      // An earlier-dated confirmation of what a reversal has ended: confirmed and reversed, net 0.
      if (attribution.status === 'rejected') {
        attribution.status = 'reversed';
        return 'reversed';
      }
      return already(attribution);
    }
    attribution.newest = position;
    if (attribution.status === 'confirmed') return 'alreadyConfirmed';
    confirm(world, attribution);
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

/** §2.10: confirming, also again after a reversal, opens a new review where one applies. */
const confirm = (world: World, attribution: ModelAttribution): void => {
  attribution.status = 'confirmed';
  attribution.endedAt = null;
  attribution.approvedBy = [];
  const { review, reviewCodeOrder } = world.settings;
  const isFlagged = [...attribution.flags].some((flag) => flag !== 'code_order' || reviewCodeOrder);
  attribution.review = review === 'all' || (review === 'flagged' && isFlagged) ? 'waiting' : 'none';
};
