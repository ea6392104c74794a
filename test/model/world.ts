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
  /** (Default: of no type) */
  readonly membershipType?: string | null;
  /** The device that sent a registration. (Default: unknown) */
  readonly device?: string | null;
}

export type Flag = 'late_after_end' | 'code_mismatch' | 'code_order' | 'same_device' | 'velocity';
export type ReviewState = 'none' | 'waiting' | 'approved' | 'rejected' | 'withdrawn';
export type Status = 'pending' | 'confirmed' | 'rejected' | 'reversed';
export type InboxKind = 'unknown_code' | 'foreign_code' | 'code_ended' | 'conflict' | 'self_referral' | 'claim';

/** What stands where the id of an erased member was. */
export const ERASED = 'erased';

export interface ModelMentor {
  readonly mentorId: string;
  memberId: string | null;
  /** The device with which the mentor's own app asked for the code. */
  readonly device?: string;
}

/** Something that needs a person: one of each kind, member and code, ever; a claim is one each time. */
export interface ModelCase {
  /** The how-manieth of the history. */
  readonly number: number;
  readonly kind: InboxKind;
  /** The member's id as it is known now. '' = the case is about nobody. */
  memberId: string;
  code: string;
  isOpen: boolean;
  /** Whether facts settled it: a person cannot undo that. */
  isSettled: boolean;
  /** How a person decided last. null = nobody has. */
  decided: 'dismissed' | 'credited' | 'moved' | null;
  /** What the last crediting decision made or moved, and from whom. null = there was none. */
  undo: { attribution: ModelAttribution; fromMentorId: string | null } | null;
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
  /** When the registration arrived. null = nobody told of it, the confirmation implies it. */
  readonly registrationArrivedAt: number | null;
  /** When the last confirmation arrived. */
  confirmationArrivedAt: number | null;
  registrationRef: string | null;
  memberId: string | null;
  status: Status;
  review: ReviewState;
  /** The roles that the open review needs, and who has approved as what. */
  rolesNeeded: readonly Role[];
  approvals: { readonly personId: string; readonly role: Role }[];
  readonly flags: Set<Flag>;
  removed: boolean;
  superseded: boolean;
  /** A coordinator gave it to this mentor: nothing of it arrived under his code. */
  readonly moved: boolean;
  /** The newest applied decision. null = only registered so far. */
  newest: Position | null;
  /** When the membership ended, once reversed or rejected; the rejoin gap counts from here. */
  endedAt: number | null;
  confirmed: Stamp | null;
  credited: Stamp | null;
}

/** A time with its day, which was fixed in the organisation's zone of then. */
export interface Stamp {
  readonly at: number;
  readonly day: string;
}

export type Role = 'coordinator' | 'org_admin';

export interface Settings {
  review: 'off' | 'flagged' | 'all';
  reviewCodeOrder: boolean;
  reviewRoles: readonly Role[];
  velocityPerHour: number;
  timeZone: string;
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
  readonly cases: ModelCase[];
  casesOpened: number;
  /** When members were erased, by every id that they had. */
  readonly erased: Map<string, number>;
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
    reviewRoles: ['coordinator'],
    velocityPerHour: 100_000,
    timeZone: 'Europe/Oslo',
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
  cases: [],
  casesOpened: 0,
  erased: new Map(),
  totals: new Map(),
  awards: new Set(),
});

/** Only what is credited is counted (§1): confirmed, review not needed or approved, not removed, current. */
export const isCredited = (attribution: ModelAttribution): boolean =>
  attribution.status === 'confirmed' &&
  (attribution.review === 'none' || attribution.review === 'approved') &&
  !attribution.removed &&
  !attribution.superseded;

export const dayOf = (world: World, at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: world.settings.timeZone }).format(at);

/** A day stays while its time does, wherever the organisation has moved since. */
export const stamp = (world: World, at: number, before: Stamp | null): Stamp =>
  before?.at === at ? before : { at, day: dayOf(world, at) };

export const isPositionNewer = (position: Position, than: Position | null): boolean =>
  than === null ||
  (position.at !== than.at
    ? position.at > than.at
    : position.last !== than.last
      ? position.last > than.last
      : position.arrival > than.arrival);
