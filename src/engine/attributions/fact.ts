/** One inbound statement about a source in neutral form, and what can become of it (spec §2.5). */

/** How far ahead of us, in milliseconds, a time may lie that is told: a later fact would outweigh every reversal until then. */
export const FUTURE_TOLERANCE_MS = 86_400_000;

export type FactKind = 'registered' | 'confirmed' | 'rejected' | 'reversed';

/** The way by which a statement came in. */
export type FactVia = 'webhook' | 'poll' | 'import' | 'api' | 'person';

export interface Fact {
  kind: FactKind;
  /** The membership system's id of the member, or the id of whatever else is credited. null = the statement named none. */
  memberId: string | null;
  /** What is credited. (Default: `membership`) */
  sourceModel?: string;
  /** The referral code as it came, in any spelling. */
  code?: string | null;
  /** The random reference of a registration of ours. */
  registrationRef?: string | null;
  /** When the person registered, as the sender says. */
  registeredAt?: Date | null;
  /** When it happened, in the membership system's time. (Default: the time of receipt) */
  occurredAt?: Date | null;
  membershipType?: string | null;
  reason?: string | null;
  source: FactVia;
  /** The sender's own name for the statement: a delivery id, a row number. */
  sourceRef?: string | null;
  /** The click that led to a registration, where one is known. */
  click?: { clickId: string | null; clickedAt: Date; channel: string | null } | null;
  /** Keyed hashes of the device token that came with a registration, hexadecimal, under every secret. (Default: none) */
  deviceTokenHashes?: readonly string[];
  /** Who is referred, where that is somebody else than the source (a buyer of an order): refused when it is the owner. */
  refereeRef?: string | null;
}

/** Where a decided source stands. */
export interface Decision {
  attributionId: string;
  /** null = the code's owner is not a mentor. */
  mentorId: string | null;
  codeId: string;
}

export type FactOutcome =
  /** A pending attribution was made, or an earlier one is now tied to this member. */
  | ({ outcome: 'registered'; registrationRef: string | null } & Decision)
  | ({ outcome: 'alreadyRegistered'; registrationRef: string | null } & Decision)
  /** Confirmed; credited unless the row says otherwise. */
  | ({ outcome: 'confirmed'; isReinstated: boolean; total: number | null; milestones: number[] } & Decision)
  | ({ outcome: 'awaitingReview' } & Decision)
  | ({ outcome: 'alreadyConfirmed' } & Decision)
  | ({ outcome: 'alreadyRejected' } & Decision)
  | ({ outcome: 'alreadyReversed' } & Decision)
  /** The row was removed by an administrator: a redelivery does not bring it back. */
  | ({ outcome: 'alreadyRemoved' } & Decision)
  | ({ outcome: 'rejected' } & Decision)
  | ({ outcome: 'reversed'; total: number | null } & Decision)
  /** Older than what is already applied: on record, and without effect. */
  | ({ outcome: 'recordedOlder' } & Decision)
  /** Another mentor's code for a source that is decided or registered: one inbox item, nothing changed. */
  | ({ outcome: 'conflict' } & Decision)
  /** Kept: no attribution is known yet. With `inboxKind` a person is asked, without it the fact waits. */
  | { outcome: 'unmatched'; inboxKind: 'unknown_code' | 'foreign_code' | null; suggestions: string[] }
  | { outcome: 'codeEnded'; codeId: string }
  | { outcome: 'selfReferral'; codeId: string }
  | { outcome: 'notEligible' }
  | { outcome: 'ignoredErased' };

/** The outcomes that leave a credit or decision behind under an attribution. */
export function attributionOf(outcome: FactOutcome): string | null {
  return 'attributionId' in outcome ? outcome.attributionId : null;
}
