import type { BulkOutcome } from '../../engine/attributions/bulk-intake.ts';

/** One sentence on what became of a line, for the person who made the file. Names no other member and no mentor. */
export function explainOutcome(outcome: BulkOutcome): string {
  switch (outcome.outcome) {
    case 'registered':
      return 'Registered; waits for the confirmation.';
    case 'confirmed':
      return outcome.mentorId === null ? 'Confirmed.' : 'Confirmed and credited.';
    case 'awaitingReview':
      return 'Confirmed; waits for a review.';
    case 'rejected':
      return 'Rejected.';
    case 'reversed':
      return 'Reversed; the credit is withdrawn.';
    case 'alreadyKnown':
    case 'alreadyRegistered':
    case 'alreadyConfirmed':
    case 'alreadyRejected':
    case 'alreadyReversed':
      return 'Nothing new.';
    case 'alreadyRemoved':
      return 'An administrator has removed this one; nothing changed.';
    case 'recordedOlder':
      return 'Older than what is known; nothing changed.';
    case 'conflict':
      return 'Another mentor has this member already: see the inbox.';
    case 'unmatched':
      return explainUnmatched(outcome);
    case 'codeEnded':
      return 'The code had ended: see the inbox.';
    case 'selfReferral':
      return 'The mentor recruited himself: see the inbox.';
    case 'notEligible':
      return 'This type of membership is not credited.';
    case 'ignoredErased':
      return 'This person was erased; nothing is kept.';
    case 'refused':
      return `The line cannot be applied (${outcome.code}).`;
  }
}

function explainUnmatched({ inboxKind, suggestions }: Extract<BulkOutcome, { outcome: 'unmatched' }>): string {
  if (inboxKind === null) return 'No code and no registration of this member is known; kept until there is one.';
  const nearest = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.slice(0, 3).join(' or ')}?`;
  return `Nobody has this code: see the inbox.${nearest}`;
}
