import type { NewEvent } from '../events/event.ts';
import type { Attribution, Flag } from './attribution.ts';
import { isCredited } from './attribution.ts';
import type { Fact, FactKind, FactOutcome } from './fact.ts';
import { compareOrder, type FactOrder } from './fact-order.ts';
import type { RuleSettings } from './rule-settings.ts';

/** A code of this organisation, as the rules need it. */
export interface KnownCode {
  codeId: string;
  code: string;
  ownerModel: string;
  ownerRef: string;
  mentorId: string | null; // null = the owner is not a mentor
  expiresAt: Date | null; // null = no lifetime
  rotatedAt: Date | null;
  invalidatedAt: Date | null;
}

/** What the rules need to know of a mentor. */
export interface KnownMentor {
  mentorId: string;
  userId: string | null;
  memberIdHash: string | null;
  deviceTokenHash: string | null;
  branchId: string | null;
  recentRegistrations: number;
  recentConfirmations: number;
}

/** The row of a source, locked for this transaction. */
export interface LockedSource {
  sourceId: string;
  model: string;
  ref: string | null;
  /** Keyed hashes of `ref` in hexadecimal, under every secret, current first; none = erased, or no membership. */
  memberIdHashes: readonly string[];
  newest: FactOrder | null; // null = no fact was applied yet
}

/** A fact of an earlier transaction that waits for its attribution. */
export interface KeptFact extends FactOrder {
  seq: number; // what arrived in this batch comes after what is on record
  kind: FactKind;
  code: string | null;
  isEligible: boolean;
  /** The record of a kept fact of this batch, which has no row yet. */
  record: FactRecord | null;
}

/** A fact with what the batch has found out about it. */
export interface ReadFact extends FactOrder {
  fact: Fact;
  sourceModel: string;
  source: LockedSource | null; // null = the statement named no member
  /** Whether the source is known only because a waiting fact names the registration's reference. */
  isSourceInferred: boolean;
  isErased: boolean;
  /** The code as read; '' = none was named. */
  codeText: string;
}

export interface NewInboxItem {
  kind: 'unknown_code' | 'foreign_code' | 'conflict' | 'self_referral' | 'code_ended';
  source: LockedSource;
  code: string;
  mentorId: string | null;
  attributionId: string | null;
  suggestions: string[];
  /** Whether a later fact of the batch has settled it already. (Default: false) */
  isSettled?: boolean;
}

/** Everything a batch read, and everything it will write. Lives for one transaction. */
export interface Ledger {
  readonly now: Date;
  readonly rules: RuleSettings;
  readonly codesByText: Map<string, KnownCode>;
  readonly foreignCodes: Set<string>;
  readonly codesById: Map<string, KnownCode>;
  readonly mentors: Map<string, KnownMentor>;
  readonly currentBySource: Map<string, Attribution>;
  readonly byRegistrationRef: Map<string, Attribution>;
  readonly byClick: Map<string, Attribution>;
  /** Pending attributions without a source by code and model, oldest first. */
  readonly pendingByCode: Map<string, Attribution[]>;
  readonly keptBySource: Map<string, KeptFact[]>;
  readonly sourcesWithOpenItems: Set<string>;
  /** Gives the codes of this organisation that come nearest to a text. */
  readonly suggest: (code: string) => string[];
  readonly makeId: () => string;

  readonly made: Attribution[];
  readonly changed: Set<Attribution>;
  /** Whether each touched attribution was credited when the batch began. */
  readonly creditBefore: Map<Attribution, boolean>;
  readonly movedSources: Set<LockedSource>;
  readonly appliedKept: { seq: number; attributionId: string; isApplied: boolean; isEligible: boolean }[];
  readonly inbox: NewInboxItem[];
  readonly settledSources: Set<string>;
  readonly reviews: { attributionId: string; flags: Flag[]; state: 'waiting' | 'withdrawn' }[];
  readonly withdrawnReviews: Set<string>;
  readonly events: NewEvent[];
  readonly records: FactRecord[];
}

/** One row of the facts' record. */
export interface FactRecord {
  read: ReadFact;
  codeId: string | null;
  attributionId: string | null;
  isApplied: boolean;
  outcome: FactOutcome['outcome'];
}

/** Notes that an attribution is about to change, remembering whether it was credited before. */
export function touch(ledger: Ledger, attribution: Attribution): void {
  if (!ledger.creditBefore.has(attribution)) ledger.creditBefore.set(attribution, isCredited(attribution));
  ledger.changed.add(attribution);
}

/** Notes an applied fact of a source when it is the newest. */
export function noteApplied(ledger: Ledger, source: LockedSource, order: FactOrder): void {
  if (source.newest === null || compareOrder(order, source.newest) > 0) {
    source.newest = { occurredAt: order.occurredAt, rank: order.rank };
    ledger.movedSources.add(source);
  }
}

/** The key under which pendings of a code and source model are found. */
export function pendingKey(codeId: string, sourceModel: string): string {
  return `${codeId}|${sourceModel}`;
}
