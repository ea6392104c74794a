import type { BulkOutcome } from './bulk-intake.ts';

/** How the statements of a run ended. Every statement is in `seen` and in at most one of the others but `matched`. */
export interface OutcomeCounts {
  seen: number;
  /** Under an attribution, old or new. */
  matched: number;
  /** Credited by this run, or confirmed and waiting for review. */
  credited: number;
  /** Registered, rejected or reversed by this run. */
  changed: number;
  /** Said nothing new. */
  alreadyKnown: number;
  /** Left to a person. */
  toInbox: number;
  /** No attribution yet: kept, and credited when a registration names the member. */
  waiting: number;
  /** Not credited by a rule: an excluded membership type, an erased person. */
  ignored: number;
  /** Could not be read or applied. */
  failed: number;
}

type Share = Exclude<keyof OutcomeCounts, 'seen' | 'matched'>;

export function noCounts(): OutcomeCounts {
  return {
    seen: 0,
    matched: 0,
    credited: 0,
    changed: 0,
    alreadyKnown: 0,
    toInbox: 0,
    waiting: 0,
    ignored: 0,
    failed: 0,
  };
}

/** Adds the outcomes of one batch, and rows that could not even be read. */
export function countOutcomes(outcomes: readonly BulkOutcome[], unreadable = 0): OutcomeCounts {
  const counts = noCounts();
  for (const outcome of outcomes) {
    counts.seen += 1;
    if ('attributionId' in outcome) counts.matched += 1;
    counts[shareOf(outcome)] += 1;
  }
  counts.seen += unreadable;
  counts.failed += unreadable;
  return counts;
}

export function addCounts(one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts {
  const sum = noCounts();
  for (const key of Object.keys(sum) as (keyof OutcomeCounts)[]) sum[key] = one[key] + other[key];
  return sum;
}

function shareOf(outcome: BulkOutcome): Share {
  switch (outcome.outcome) {
    case 'confirmed':
    case 'awaitingReview':
      return 'credited';
    case 'registered':
    case 'rejected':
    case 'reversed':
      return 'changed';
    case 'alreadyKnown':
    case 'alreadyRegistered':
    case 'alreadyConfirmed':
    case 'alreadyRejected':
    case 'alreadyReversed':
    case 'alreadyRemoved':
    case 'recordedOlder':
      return 'alreadyKnown';
    case 'conflict':
    case 'codeEnded':
    case 'selfReferral':
      return 'toInbox';
    case 'unmatched':
      return outcome.inboxKind === null ? 'waiting' : 'toInbox';
    case 'notEligible':
    case 'ignoredErased':
      return 'ignored';
    case 'refused':
      return 'failed';
  }
}
