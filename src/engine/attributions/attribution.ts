/** One source credited, or about to be credited, to one code. */

export type AttributionStatus = 'pending' | 'confirmed' | 'rejected' | 'reversed';
export type ReviewState = 'none' | 'waiting' | 'approved' | 'rejected' | 'withdrawn';
export type Flag = 'same_device' | 'velocity' | 'code_mismatch' | 'late_after_end' | 'code_order';
export type LinkedBy = 'member' | 'registration_ref' | 'code_order' | 'implied' | 'reassigned' | 'claim';

export interface Attribution {
  attributionId: string;
  codeId: string;
  ownerModel: string;
  ownerRef: string;
  mentorId: string | null; // null = the owner is not a mentor
  sourceModel: string;
  sourceId: string | null; // null = not tied to a source yet
  isCounted: boolean;
  status: AttributionStatus;
  reviewState: ReviewState;
  flags: Flag[];
  linkedBy: LinkedBy | null;
  registrationRef: string | null;
  isRegistrationImplied: boolean;
  registeredAt: Date;
  clickId: string | null;
  clickedAt: Date | null;
  clickChannel: string | null;
  confirmedAt: Date | null;
  /** Whether the confirmation arrived in this batch: its arrival is stamped when the row is written. */
  isConfirmedNow: boolean;
  /** Whether its registration, or its last confirmation, is among those that arrived within the last hour. (Default: false) */
  hasRegisteredLately?: boolean;
  hasConfirmedLately?: boolean;
  creditedAt: Date | null;
  branchId: string | null;
  reversedAt: Date | null;
  rejectedAt: Date | null;
  rejectionReason: string | null;
  removedAt: Date | null;
  removalReason: string | null;
  supersededAt: Date | null;
  supersededBy: string | null;
}

/** Only credited attributions are counted. The database derives the same in `is_credited`. */
export function isCredited(attribution: Attribution): boolean {
  return (
    attribution.status === 'confirmed' &&
    (attribution.reviewState === 'none' || attribution.reviewState === 'approved') &&
    attribution.removedAt === null &&
    attribution.supersededAt === null
  );
}

/** Adds a flag once. */
export function addFlag(attribution: Attribution, flag: Flag): void {
  if (!attribution.flags.includes(flag)) attribution.flags.push(flag);
}
