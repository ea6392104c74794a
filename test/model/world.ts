/**
 * The words of the reference model: one organisation in memory, nothing but maps.
 * The model is written from the specification (§2) alone and shares no code with `src/engine/attributions`;
 * where the specification leaves a choice, `docs/decisions/0003-attribution-readings.md` names the reading taken here.
 * All times are milliseconds since 1970.
 */

export type FactKind = 'registered' | 'confirmed' | 'rejected' | 'reversed';

export interface ModelFact {
  readonly kind: FactKind;
  readonly memberId: string | null;
  readonly code: string | null;
  readonly registrationRef: string | null;
  /** When the person signed up, if the sender knows it. */
  readonly registeredAt: number | null;
  /** The membership system's time of the fact. null = unknown: the arrival is used. */
  readonly occurredAt: number | null;
}

export type Flag = 'late_after_end' | 'code_mismatch' | 'code_order';
export type ReviewState = 'none' | 'waiting' | 'approved' | 'rejected' | 'withdrawn';
export type Status = 'pending' | 'confirmed' | 'rejected' | 'reversed';
export type InboxKind = 'unknown_code' | 'foreign_code' | 'code_ended' | 'conflict' | 'self_referral' | 'claim';

export interface ModelMentor {
  readonly mentorId: string;
  memberId: string | null;
}

export interface ModelCode {
  readonly code: string;
  readonly mentorId: string;
  /** null = never expires. */
  expiresAt: number | null;
  rotatedAt: number | null;
  invalidatedAt: number | null;
}

/** Position of a fact among the facts of its source (§2.16): time, then reversal last, then arrival. */
export interface Position {
  readonly at: number;
  readonly last: 0 | 1;
  readonly arrival: number;
}

export interface ModelAttribution {
  readonly arrival: number;
  readonly code: string;
  readonly mentorId: string;
  readonly registeredAt: number;
  readonly registrationRef: string | null;
  memberId: string | null;
  status: Status;
  review: ReviewState;
  approvedBy: string[];
  readonly flags: Set<Flag>;
  removed: boolean;
  superseded: boolean;
  /** The newest applied decision. null = only registered so far. */
  newest: Position | null;
  /** When the membership ended, once reversed or rejected; the rejoin gap counts from here. */
  endedAt: number | null;
}

export interface Settings {
  review: 'off' | 'flagged' | 'all';
  reviewCodeOrder: boolean;
  approvalsNeeded: number;
  graceRotatedMs: number;
  graceInvalidatedMs: number;
  rejoinGapMs: number;
  pendingLifeMs: number;
  thresholds: readonly number[];
  /** Membership types that never credit. */
  excludedTypes: readonly string[];
}

/** What the organisation knows about one member: the current attribution and what waits for one. */
export interface ModelSource {
  current: ModelAttribution | null;
  /** Decisions that found no attribution: kept, in order of arrival. */
  kept: KeptFact[];
}

export interface KeptFact {
  readonly fact: ModelFact;
  readonly position: Position;
}

export interface World {
  now: number;
  arrivals: number;
  readonly settings: Settings;
  readonly mentors: Map<string, ModelMentor>;
  readonly codes: Map<string, ModelCode>;
  readonly foreignCodes: Set<string>;
  readonly sources: Map<string, ModelSource>;
  /** Old member id → the id it was merged into. */
  readonly merged: Map<string, string>;
  readonly attributions: ModelAttribution[];
  /** References named beside a member in facts that found no attribution (reading R23), in order of arrival. */
  namedReferences: { readonly ref: string; readonly memberId: string; readonly isRegistration: boolean }[];
  /** `kind|member|code`, one of each, ever. */
  readonly inbox: Set<string>;
  readonly totals: Map<string, number>;
  /** `mentorId|threshold`. */
  readonly awards: Set<string>;
}

export const DAY_MS = 86_400_000;

/** The organisation as it is made, without people or codes. */
export const emptyWorld = (settings: Partial<Settings> = {}): World => ({
  now: 0,
  arrivals: 0,
  settings: {
    review: 'off',
    reviewCodeOrder: false,
    approvalsNeeded: 1,
    graceRotatedMs: 365 * DAY_MS,
    graceInvalidatedMs: 0,
    rejoinGapMs: 365 * DAY_MS,
    pendingLifeMs: 365 * DAY_MS,
    thresholds: [1, 5, 10, 25, 50],
    excludedTypes: [],
    ...settings,
  },
  mentors: new Map(),
  codes: new Map(),
  foreignCodes: new Set(),
  sources: new Map(),
  merged: new Map(),
  attributions: [],
  namedReferences: [],
  inbox: new Set(),
  totals: new Map(),
  awards: new Set(),
});

/** Only what is credited is counted (§1): confirmed, review not needed or approved, not removed, current. */
export const isCredited = (attribution: ModelAttribution): boolean =>
  attribution.status === 'confirmed' &&
  (attribution.review === 'none' || attribution.review === 'approved') &&
  !attribution.removed &&
  !attribution.superseded;

export const isPositionNewer = (position: Position, than: Position | null): boolean =>
  than === null ||
  (position.at !== than.at
    ? position.at > than.at
    : position.last !== than.last
      ? position.last > than.last
      : position.arrival > than.arrival);
