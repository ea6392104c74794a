import { nearestCodes } from '../codes/nearest-codes.ts';
import type { Session } from '../database.ts';
import { PassingFault } from '../database-faults.ts';
import { appendEvents } from '../events/repository.ts';
import { type Counted, countCredits, type TotalStep } from '../milestones/count-credits.ts';
import { readSettings } from '../organisations/settings.ts';
import { rankOf } from './fact-order.ts';
import { type KeptFact, type Ledger, pendingKey, type ReadFact } from './ledger.ts';
import * as repository from './repository.ts';
import { hasOutrunVelocity } from './velocity.ts';
import { write } from './write-repository.ts';

/**
 * Makes the working set of a transaction from what was read and locked; reads the oldest pendings of the locked codes where
 * a fact may take one.
 */
export async function openLedger(
  session: Session,
  reads: readonly ReadFact[],
  loaded: repository.Loaded,
  makeId: () => string,
  lockedCodes: ReadonlySet<string> = new Set(),
): Promise<Ledger> {
  const rules = readSettings(loaded.settings).rules;
  const attributions = loaded.attributions.map(repository.toAttribution);
  const date = (text: string | null) => (text === null ? null : new Date(text));
  const codes = loaded.codes.map((code) => ({
    ...code,
    expiresAt: date(code.expiresAt),
    rotatedAt: date(code.rotatedAt),
    invalidatedAt: date(code.invalidatedAt),
  }));
  const current = attributions.filter((one) => one.sourceId !== null && one.supersededAt === null);
  const currentBySource = new Map(current.map((one) => [one.sourceId as string, one]));
  const byReference = attributions.filter((one) => one.registrationRef !== null);
  const byClick = attributions.filter((one) => one.clickId !== null && one.supersededAt === null);

  const withPending = codes.filter(
    ({ codeId, code }) => lockedCodes.has(codeId) && mayLinkByOrder(reads, code, currentBySource),
  );
  const pending =
    withPending.length === 0
      ? []
      : await repository.loadOldestPending(session, {
          codeIds: withPending.map((code) => code.codeId),
          sourceModels: [...new Set(reads.map((read) => read.sourceModel))],
          pendingDays: rules.pendingDays,
          most: reads.length,
        });
  const known = new Map(attributions.map((one) => [one.attributionId, one]));
  const queues = Map.groupBy(
    pending.map((one) => known.get(one.attributionId) ?? one),
    (one) => pendingKey(one.codeId, one.sourceModel),
  );

  const kept = new Map<string, KeptFact[]>();
  for (const fact of loaded.kept) {
    const own = kept.get(fact.sourceId) ?? [];
    own.push({
      seq: fact.seq,
      kind: fact.kind,
      code: fact.code,
      isEligible: fact.membershipType === null || !rules.excludedMembershipTypes.includes(fact.membershipType),
      occurredAt: new Date(fact.occurredAt),
      rank: rankOf(fact.kind),
      record: null,
    });
    kept.set(fact.sourceId, own);
  }
  const unknown = reads.some(
    (read) => read.codeText !== '' && read.source !== null && !codes.some((code) => code.code === read.codeText),
  );
  const candidates = unknown ? await repository.listCodesForSuggestions(session) : [];
  return {
    now: loaded.now,
    rules,
    codesByText: new Map(codes.map((code) => [code.code, code])),
    foreignCodes: new Set(loaded.foreignCodes),
    codesById: new Map(codes.map((code) => [code.codeId, code])),
    mentors: new Map(loaded.mentors.map((mentor) => [mentor.mentorId, { ...mentor }])),
    currentBySource,
    byRegistrationRef: new Map(byReference.map((one) => [one.registrationRef as string, one])),
    byClick: new Map(byClick.map((one) => [one.clickId as string, one])),
    pendingByCode: queues,
    keptBySource: kept,
    sourcesWithOpenItems: new Set(loaded.openItems),
    suggest: createSuggester(candidates),
    makeId,
    made: [],
    changed: new Set(),
    creditBefore: new Map(),
    movedSources: new Set(),
    appliedKept: [],
    inbox: [],
    settledSources: new Set(),
    reviews: [],
    withdrawnReviews: new Set(),
    events: [],
    records: [],
  };
}

/** Whether a fact of the batch could take the oldest pending of a code: it names a member and the code. */
function mayLinkByOrder(
  reads: readonly ReadFact[],
  code: string,
  currentBySource: ReadonlyMap<string, { status: string }>,
): boolean {
  return reads.some((read) => {
    if (read.source === null || read.codeText !== code) return false;
    const current = currentBySource.get(read.source.sourceId);
    return current === undefined || current.status === 'reversed' || current.status === 'rejected';
  });
}

/**
 * Writes what the ledger holds: rows and facts, events, then totals last with their milestones and badges. What does not
 * wait for an answer is sent together: only the events of inbox items need the ids that the write gives.
 */
export async function closeLedger(
  session: Session,
  ledger: Ledger,
  more: {
    loaded: repository.Loaded;
    steps: readonly TotalStep[];
    actorOf: (read: ReadFact) => string;
    /** What is written between the facts and the totals. */
    alongside?: (() => Promise<unknown>) | undefined;
  },
): Promise<Counted> {
  const writing = write(session, ledger, {
    timeZone: more.loaded.timeZone,
    actors: ledger.records.map((record) => more.actorOf(record.read)),
  });
  const mayTouchInbox = ledger.inbox.length > 0 || ledger.settledSources.size > 0;
  const inbox = mayTouchInbox ? await writing : [];
  const inboxEvents = inbox.map(({ type, inboxItemId, kind, mentorId, attributionId }) => ({
    type,
    mentorId,
    attributionId,
    data: { inbox_item_id: inboxItemId, kind },
  }));
  const [, , , isOutrun, counted] = await Promise.all([
    writing,
    appendEvents(session, [...ledger.events, ...inboxEvents]),
    more.alongside?.(),
    hasOutrunVelocity(session, ledger, more.loaded),
    countCredits(session, more.steps, more.loaded.thresholds),
  ]);
  if (isOutrun) throw new PassingFault('More of a mentor arrived meanwhile.');
  return counted;
}

/** Unknown codes of one batch that are looked at closely: a file whose code column holds something else is full of them. */
const mostSuggested = 50;

/** Suggests the nearest codes: about 2 ms for each unknown code among 600, so the same is asked once and many are not. */
function createSuggester(candidates: readonly { code: string }[]): (code: string) => string[] {
  const known = new Map<string, string[]>();
  return (code) => {
    const asked = known.get(code);
    if (asked !== undefined) return asked;
    if (known.size >= mostSuggested) return [];
    const nearest = nearestCodes(code, candidates).map((near) => near.candidate.code);
    known.set(code, nearest);
    return nearest;
  };
}
