import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { snakeCase } from '../snake-case.ts';
import * as reads from './reads-repository.ts';

/** One rule that was looked at, whether it held, and where it is written. */
export interface Check {
  rule: 'link' | 'code_in_time' | 'not_oneself' | 'once' | 'order' | 'review' | 'not_removed' | 'eligible';
  result: 'passed' | 'failed' | 'noted';
  text: string;
  section: string;
}

/** One thing that happened, in order. */
export interface HistoryEntry {
  at: Date;
  kind: 'fact' | 'event' | 'review';
  name: string;
  text: string;
  isApplied: boolean | null; // null = not a fact
}

/** Why this attribution stands as it does: every fact and rule that led there, in order. Holds no member id. */
export interface Explanation {
  attribution: reads.AttributionView;
  sentence: string;
  /** How sure it is that this registration and this member are the same person. */
  strengthOfLink: 'certain' | 'by_code' | 'by_order' | 'decided_by_person' | 'not_linked';
  checks: Check[];
  history: HistoryEntry[];
  facts: reads.FactView[];
  events: reads.EventView[];
  reviews: reads.ReviewView[];
  predecessorId: string | null; // null = the first of its source
}

const strengths: Record<string, Explanation['strengthOfLink']> = {
  member: 'certain',
  registration_ref: 'certain',
  implied: 'by_code',
  code_order: 'by_order',
  reassigned: 'decided_by_person',
  claim: 'decided_by_person',
};

const linkTexts: Record<string, string> = {
  member: 'The registration named this member.',
  registration_ref: 'The confirmation carried the reference of the registration.',
  implied: 'The confirmation carried the code, and no registration was waiting under it: one is implied.',
  reassigned: 'A coordinator moved the recruitment here.',
  claim: 'A coordinator accepted a claim.',
};

/** Explains an attribution (spec §4). Reads only. */
export async function explain(session: Session, attributionId: string): Promise<Explanation> {
  const attribution = await reads.findAttribution(session, attributionId);
  if (attribution === null) throw new VerveError('not_found');
  const facts = await reads.listFacts(session, attributionId);
  const events = await reads.listEvents(session, attributionId);
  const reviews = await reads.listReviews(session, attributionId);
  const code = await reads.findCodeStanding(session, attribution.codeId);
  const predecessorId = await reads.findPredecessor(session, attributionId);
  const checks = checksOf(attribution, code, facts, reviews);
  const strengthOfLink =
    attribution.linkedBy === null ? 'not_linked' : (strengths[attribution.linkedBy] ?? 'not_linked');
  const sentence = sentenceOf(attribution, code);
  const history = historyOf(facts, events, reviews);
  return { attribution, sentence, strengthOfLink, checks, history, facts, events, reviews, predecessorId };
}

/** `alreadyConfirmed` as people read it. */
function inWords(outcome: string): string {
  return snakeCase(outcome).replaceAll('_', ' ');
}

function who(attribution: reads.AttributionView, code: reads.CodeStanding): string {
  return code.mentorName ?? `${attribution.ownerModel} ${attribution.ownerRef}`;
}

function sentenceOf(attribution: reads.AttributionView, code: reads.CodeStanding): string {
  const owner = who(attribution, code);
  const because: Record<string, string> = {
    member: `the registration under ${owner}’s code named this member`,
    registration_ref: `the confirmation carried the reference of a registration under ${owner}’s code`,
    code_order: `the confirmation carried ${owner}’s code and took the oldest registration that was waiting under it`,
    implied: `the confirmation carried ${owner}’s code`,
    reassigned: `a coordinator moved it to ${owner}`,
    claim: `a claim for ${owner} was accepted`,
  };
  if (attribution.supersededAt !== null) return `This row no longer counts: another one took its place.`;
  if (attribution.removedAt !== null)
    return `An administrator removed this recruitment: ${attribution.removalReason ?? ''}.`;
  if (attribution.linkedBy === null) {
    const wait = attribution.isExpired
      ? 'nothing has been heard for so long that it shows as expired'
      : 'the membership system has not confirmed anybody for it yet';
    return `Somebody registered under ${owner}’s code; ${wait}.`;
  }
  const reason = because[attribution.linkedBy] ?? 'of the record';
  switch (attribution.status) {
    case 'pending':
      return `Waits for the membership system: ${reason}.`;
    case 'rejected':
      return `Not a recruitment: the membership system refused it. It would have been ${owner}’s because ${reason}.`;
    case 'reversed':
      return `No longer counted: the membership system reversed it. It was ${owner}’s because ${reason}.`;
    case 'confirmed':
      if (attribution.reviewState === 'waiting')
        return `Confirmed, and waiting for a review before ${owner} is credited.`;
      if (attribution.reviewState === 'rejected') return `Confirmed by the membership system, and rejected in review.`;
      return `${owner} is credited because ${reason}.`;
  }
}

function checksOf(
  attribution: reads.AttributionView,
  code: reads.CodeStanding,
  facts: readonly reads.FactView[],
  reviews: readonly reads.ReviewView[],
): Check[] {
  const checks: Check[] = [];
  const add = (rule: Check['rule'], result: Check['result'], text: string, section: string) =>
    checks.push({ rule, result, text, section });
  if (attribution.linkedBy === 'code_order') {
    add(
      'link',
      'noted',
      'Linked by the order of registrations: right for the mentor and every count, no proof that it is the same person.',
      '2.5 c',
    );
  } else if (attribution.linkedBy !== null) {
    add('link', 'passed', linkTexts[attribution.linkedBy] ?? 'Linked as the record says.', '2.5');
  }
  if (attribution.reassignmentReason !== null) {
    add('link', 'noted', `The coordinator’s reason: ${attribution.reassignmentReason}.`, '2.6');
  }
  const isInTime = code.endedAt === null || attribution.registeredAt < code.endedAt;
  if (isInTime) add('code_in_time', 'passed', 'The person registered while the code was active.', '2.7');
  else add('code_in_time', 'noted', 'The person registered after the code had ended, within the time of grace.', '2.7');
  add('not_oneself', 'passed', 'The member is not the mentor.', '2.11');
  const confirmations = facts.filter((fact) => fact.kind === 'confirmed').length;
  if (confirmations > 0) {
    add(
      'once',
      'passed',
      `The membership system told of the confirmation ${confirmations} ${confirmations === 1 ? 'time' : 'times'}; it counts once.`,
      '2.6',
    );
  }
  const others = facts.filter((fact) => fact.isSameCode === false);
  if (others.length > 0)
    add('once', 'noted', `${others.length} of the facts named another code; the registration’s code decides.`, '2.5');
  const older = facts.filter((fact) => !fact.isApplied && fact.kind !== 'registered').length;
  if (older > 0)
    add(
      'order',
      'noted',
      `${older} facts are on record without effect: older, repeated or under another code.`,
      '2.16',
    );
  const last = reviews.at(-1);
  if (last !== undefined) {
    const result = last.state === 'approved' ? 'passed' : last.state === 'rejected' ? 'failed' : 'noted';
    const reason = last.reasonCode === null ? '' : ` (${last.reasonCode})`;
    add('review', result, `Review: ${last.state}${reason}.`, '2.10');
  }
  if (attribution.flags.length > 0) add('review', 'noted', `Flags: ${attribution.flags.join(', ')}.`, '2.10');
  if (attribution.rejectionReason === 'not_eligible')
    add('eligible', 'failed', 'This kind of membership is not credited.', '2.19');
  if (attribution.removedAt !== null) add('not_removed', 'failed', 'Removed by an administrator.', '2.12');
  return checks;
}

function historyOf(
  facts: readonly reads.FactView[],
  events: readonly reads.EventView[],
  reviews: readonly reads.ReviewView[],
): HistoryEntry[] {
  const entries: HistoryEntry[] = facts.map((fact) => ({
    at: fact.receivedAt,
    kind: 'fact',
    name: fact.kind,
    text: `${fact.kind} on ${fact.occurredAt.toISOString().slice(0, 10)}, by ${fact.via}: ${inWords(fact.outcome)}`,
    isApplied: fact.isApplied,
  }));
  for (const event of events) {
    entries.push({
      at: event.occurredAt,
      kind: 'event',
      name: event.type,
      text: event.type.replace(/[._:]/g, ' '),
      isApplied: null,
    });
  }
  for (const review of reviews) {
    for (const approval of review.approvals) {
      entries.push({
        at: new Date(approval.approvedAt),
        kind: 'review',
        name: 'approval',
        text: `approved as ${approval.role}`,
        isApplied: null,
      });
    }
  }
  return entries.sort((one, other) => one.at.getTime() - other.at.getTime());
}
