import { type Actor, describeActor } from '../actor.ts';
import { readCode } from '../codes/read-code.ts';
import type { Session } from '../database.ts';
import type { Counted } from '../milestones/count-credits.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import { shortText } from '../short-text.ts';
import { decide } from './decide.ts';
import type { Fact, FactOutcome } from './fact.ts';
import { rankOf } from './fact-order.ts';
import { type Candidate, findCandidates, inferSource } from './infer-source.ts';
import type { LockedSource, ReadFact } from './ledger.ts';
import { hashMemberRef } from './member-ref.ts';
import { closeLedger, openLedger } from './open-ledger.ts';
import * as repository from './repository.ts';
import * as sources from './sources-repository.ts';
import { trackCredits } from './totals.ts';

/** A fact with who brought it. */
export interface BroughtFact {
  fact: Fact;
  actor: Actor;
}

/**
 * Writes something else with the facts, before the totals are held; hears the outcomes without totals and milestones. It
 * sends its statements at once.
 */
export type Alongside = (outcomes: readonly FactOutcome[]) => Promise<unknown>;

/** What else a caller does with the facts, in their transaction. */
export interface FactCompany {
  alongside?: Alongside;
  /** Hears what was counted: totals, milestones, badges. */
  onCounted?: (counted: Counted) => void;
}

/** The longest text that is kept as a code; what is longer was never one. */
const longestCode = 64;

function sourceKey(model: string, ref: string): string {
  return `${model}|${ref}`;
}

function modelOf(fact: Fact): string {
  return fact.sourceModel ?? 'membership';
}

/** The code as it is looked up: in its one spelling when it has the form of a code, else as it came. */
export function codeTextOf(fact: Fact): string {
  const typed = fact.code?.trim() ?? '';
  return typed === '' ? '' : (readCode(typed) ?? shortText(typed, longestCode));
}

/**
 * Applies facts in the order given, in the caller's transaction: locks what they touch, decides each, writes everything,
 * raises totals last, grants milestones and badges, records events (spec §2.5–2.9, §2.16). The result is the same as if
 * they had come one by one. Safe to repeat: a decided source answers with its decision.
 */
export async function applyFacts(
  session: Session,
  keys: KeyRing,
  brought: readonly BroughtFact[],
  options: FactCompany & { makeId?: (() => string) | undefined } = {},
): Promise<FactOutcome[]> {
  const { makeId = () => crypto.randomUUID(), alongside, onCounted } = options;
  if (brought.length === 0) {
    await alongside?.([]);
    return [];
  }
  const { reads, candidates, sourceOf, loaded, lockedCodes } = await lockAndRead(session, keys, brought);
  for (const read of reads) read.occurredAt ??= loaded.now;
  const ledger = await openLedger(session, reads as ReadFact[], loaded, makeId, lockedCodes);
  const credits = trackCredits(ledger);
  const outcomes = (reads as ReadFact[]).map((read, index) => {
    inferSource(ledger, read, candidates[index] ?? [], { reads: reads as ReadFact[], sourceOf });
    const outcome = decide(ledger, read);
    credits.after(index);
    return outcome;
  });
  const actors = new Map(brought.map((one, index) => [reads[index] as ReadFact, describeActor(one.actor)]));
  const counted = await closeLedger(session, ledger, {
    loaded,
    steps: credits.steps,
    actorOf: (read) => actors.get(read) ?? 'system',
    alongside: alongside && (() => alongside(outcomes)),
  });
  onCounted?.(counted);
  return outcomes.map((outcome, index) => {
    if (outcome.outcome !== 'confirmed' && outcome.outcome !== 'reversed') return outcome;
    const total = outcome.mentorId === null ? null : (counted.totalByMentor.get(outcome.mentorId) ?? null);
    if (outcome.outcome === 'reversed') return { ...outcome, total };
    return { ...outcome, total, milestones: counted.milestonesByAct.get(index) ?? [] };
  });
}

type Reading = Omit<ReadFact, 'occurredAt'> & { occurredAt: Date | null };

interface Locked {
  reads: Reading[];
  candidates: Candidate[][];
  /** null = erased. */
  sourceOf: (candidate: Candidate) => LockedSource | null;
  loaded: repository.Loaded;
  lockedCodes: ReadonlySet<string>;
}

/**
 * Locks the references, then makes and locks the sources, in the order of model and reference, reads what deciding needs,
 * and says which facts an erasure forbids.
 */
async function lockAndRead(session: Session, keys: KeyRing, brought: readonly BroughtFact[]): Promise<Locked> {
  const facts = brought.map((one) => one.fact);
  const references = [...new Set(facts.flatMap((fact) => fact.registrationRef ?? []))];
  if (references.length > 0) await repository.lockReferences(session, references);
  const unnamed = facts.flatMap((fact) => (fact.memberId === null ? (fact.registrationRef ?? []) : []));
  const candidates = findCandidates(
    facts,
    unnamed.length === 0 ? [] : await repository.findWaitingFacts(session, unnamed),
  );

  const wanted = new Map<string, sources.WantedSource>();
  const want = async (model: string, ref: string, fact: Fact): Promise<void> => {
    const newestAt = membershipDate(fact);
    const begunAt = beginsMembership(fact) ? newestAt : null;
    const known = wanted.get(sourceKey(model, ref));
    if (known === undefined) {
      const memberIdHashes = await hashMemberRef(keys, session.orgId, { model, ref });
      wanted.set(sourceKey(model, ref), { model, ref, memberIdHashes, begunAt, newestAt });
      return;
    }
    if (newestAt > known.newestAt) known.newestAt = newestAt;
    if (begunAt !== null && (known.begunAt === null || begunAt > known.begunAt)) known.begunAt = begunAt;
  };
  for (const [index, fact] of facts.entries()) {
    if (fact.memberId !== null) await want(modelOf(fact), fact.memberId, fact);
    for (const { model, ref } of candidates[index] ?? []) await want(model, ref, fact);
  }
  const textsOf = (some: readonly Fact[]) => [...new Set(some.map(codeTextOf).filter((text) => text !== ''))];
  const { locked, loaded, lockedCodes } = await lockAndLoad(session, [...wanted.values()], {
    registrationRefs: references,
    codes: textsOf(facts),
    takingCodes: textsOf(facts.filter((fact) => fact.memberId !== null)),
    attributionIds: [],
    clickIds: [...new Set(facts.flatMap((fact) => fact.click?.clickId ?? []))],
  });
  for (const { source } of locked.values()) {
    // Reached under an id that was merged into it: its own id is the one by which a mentor knows himself.
    if (source.memberIdHashes.length === 0) source.memberIdHashes = await hashMemberRef(keys, session.orgId, source);
  }
  const isErasedFor = (model: string, ref: string, fact: Fact): boolean => {
    const found = locked.get(sourceKey(model, ref));
    return found === undefined || (found.erasedAt !== null && membershipDate(fact) <= found.erasedAt);
  };
  const reads = facts.map((fact): Reading => {
    const { memberId } = fact;
    const isErased = memberId !== null && isErasedFor(modelOf(fact), memberId, fact);
    return {
      fact,
      sourceModel: modelOf(fact),
      source: isErased || memberId === null ? null : (locked.get(sourceKey(modelOf(fact), memberId))?.source ?? null),
      isSourceInferred: false,
      isErased,
      codeText: codeTextOf(fact),
      occurredAt: fact.occurredAt ?? (fact.kind === 'registered' ? (fact.registeredAt ?? null) : null),
      rank: rankOf(fact.kind),
    };
  });
  const allowed = candidates.map((own, index) =>
    own.filter(({ model, ref }) => !isErasedFor(model, ref, facts[index] as Fact)),
  );
  return {
    reads,
    candidates: allowed,
    sourceOf: ({ model, ref }) => locked.get(sourceKey(model, ref))?.source ?? null,
    loaded,
    lockedCodes,
  };
}

/**
 * Locks the sources, then the codes, and reads what belongs to them by their references; sent together, done in this order.
 * Where a source turns out to be merged into another, what belongs to the other is read then.
 */
async function lockAndLoad(
  session: Session,
  wanted: readonly sources.WantedSource[],
  beside: Omit<Parameters<typeof repository.load>[1], 'sourceIds' | 'sources'> & {
    /** Codes of facts that may take a waiting registration by its order. */
    takingCodes: readonly string[];
  },
): Promise<Pick<Locked, 'loaded' | 'lockedCodes'> & { locked: Awaited<ReturnType<typeof sources.lockSources>> }> {
  const { takingCodes, ...reading } = beside;
  const [locked, lockedCodes, loaded] = await Promise.all([
    sources.lockSources(session, wanted),
    repository.lockCodes(session, { codes: takingCodes, registrationRefs: beside.registrationRefs }),
    repository.load(session, { ...reading, sourceIds: [], sources: wanted }),
  ]);
  const isMerged = [...locked].some(([key, { source }]) => key !== sourceKey(source.model, source.ref ?? ''));
  if (!isMerged) return { locked, lockedCodes, loaded };
  const sourceIds = [...new Set([...locked.values()].map(({ source }) => source.sourceId))];
  return { locked, lockedCodes, loaded: await repository.load(session, { ...reading, sourceIds }) };
}

/** The date that decides whether an erasure covers the fact: a fact without one is of today. */
function membershipDate(fact: Fact): Date {
  return fact.registeredAt ?? fact.occurredAt ?? sources.endOfTime;
}

/**
 * Whether the fact can be the first of a membership. A refusal or an end that says nothing of when the membership began is
 * about one that was there before: after an erasure it would only bring the erased id back.
 */
function beginsMembership(fact: Fact): boolean {
  return fact.kind === 'registered' || fact.kind === 'confirmed' || fact.registeredAt != null;
}
