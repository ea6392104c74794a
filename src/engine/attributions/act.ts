import { type Actor, describeActor } from '../actor.ts';
import type { AuditAction } from '../audit/actions.ts';
import { recordAction } from '../audit/record-action.ts';
import { authoriseAboutMentor } from '../branches/authorise-about-mentor.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import type { RecordedEvent } from '../events/event.ts';
import { requireUuid } from '../ids.ts';
import type { EngineParts } from '../parts.ts';
import type { Operation } from '../permissions.ts';
import * as actRepository from './act-repository.ts';
import type { Attribution } from './attribution.ts';
import type { KnownCode, Ledger, LockedSource } from './ledger.ts';
import { hashMemberRef } from './member-ref.ts';
import { closeLedger, openLedger } from './open-ledger.ts';
import * as repository from './repository.ts';
import { trackCredits } from './totals.ts';

/** What an act on an attribution moved: shown before it is done, and answered after. */
export interface Consequence {
  totals: { mentorId: string; before: number; after: number }[];
  milestones: { mentorId: string; threshold: number }[];
  badges: { mentorId: string; badgeDefinitionId: string }[];
}

/** An attribution with everything locked that an act on it may change. */
export interface ActScene {
  ledger: Ledger;
  attribution: Attribution;
  source: LockedSource | null; // null = not tied to a source yet
  code: KnownCode;
}

/** What an act answers where there was nothing left to do: no entry on the audit log. */
const repeats: ReadonlySet<string> = new Set([
  'alreadyApproved',
  'alreadyRejected',
  'alreadyRemoved',
  'notRemoved',
  'unchanged',
]);

/**
 * Does something to one attribution in the caller's transaction: checks who may, locks source and attribution, lets the
 * act change the ledger, writes, counts. The same locks and the same writing as for facts, so the two cannot disagree.
 */
export async function actOn<Result extends { outcome: string }>(
  parts: EngineParts,
  session: Session,
  call: {
    attributionId: string;
    actor: Actor;
    operation: Operation & AuditAction;
    /** Mentors beside the attribution's own whom the act concerns. */
    otherMentorIds?: readonly string[];
    /** Codes that the act needs beside the attribution's own. */
    codes?: readonly string[];
  },
  act: (scene: ActScene) => Promise<Result> | Result,
): Promise<Result & { consequence: Consequence }> {
  const attributionId = requireUuid(call.attributionId, 'attribution_id');
  const { subject, row } = await lockSubject(session, attributionId);
  const mentorIds = [subject.mentorId, ...(call.otherMentorIds ?? [])].filter((one) => one !== null);
  await requirePermission(session, call.actor, call.operation, mentorIds);

  const loaded = await repository.load(session, {
    sourceIds: row === null ? [] : [row.sourceId],
    registrationRefs: [],
    codes: [...(call.codes ?? [])],
    clickIds: [],
    attributionIds: [attributionId],
  });
  const ledger = await openLedger(session, [], loaded, () => parts.random.uuid());
  const current = row === null ? undefined : ledger.currentBySource.get(row.sourceId);
  const attribution = loaded.attributions
    .map(repository.toAttribution)
    .find((one) => one.attributionId === attributionId);
  const subjectRow = current?.attributionId === attributionId ? current : attribution;
  const code = subjectRow === undefined ? undefined : ledger.codesById.get(subjectRow.codeId);
  if (subjectRow === undefined || code === undefined) throw new VerveError('not_found');
  const source = row === null ? null : await toLockedSource(parts, session, row);

  const before = await actRepository.totalsOf(session, [...new Set(mentorIds)]);
  const credits = trackCredits(ledger);
  const result = await act({ ledger, attribution: subjectRow, source, code });
  credits.after(0);
  const counted = await closeLedger(session, ledger, {
    loaded,
    steps: credits.steps,
    actorOf: () => describeActor(call.actor),
  });
  if (!repeats.has(result.outcome)) {
    const { actor, operation: action } = call;
    const details = { outcome: result.outcome, mentor_ids: mentorIds };
    await recordAction(session, { actor, action, subjectId: attributionId, details });
  }
  return { ...result, consequence: consequenceOf(before, counted.totalByMentor, counted.events) };
}

/** Finds an attribution and locks its source: again where a merge of member ids has meanwhile given it to another. */
async function lockSubject(
  session: Session,
  attributionId: string,
): Promise<{ subject: actRepository.ActSubject; row: actRepository.SourceRow | null }> {
  let row: actRepository.SourceRow | null = null;
  let subject = await actRepository.findSubject(session, attributionId);
  while (subject !== null && subject.sourceId !== null && subject.sourceId !== row?.sourceId) {
    row = await actRepository.lockSource(session, subject.sourceId);
    subject = await actRepository.findSubject(session, attributionId);
  }
  if (subject === null) throw new VerveError('not_found');
  return { subject, row };
}

/** Refuses who may not do this about these mentors; a coordinator's scope must cover every one of them. */
export async function requirePermission(
  session: Session,
  actor: Actor,
  operation: Operation,
  mentorIds: readonly string[],
): Promise<void> {
  if (mentorIds.length === 0) await authoriseAboutMentor(session, actor, operation, null);
  for (const mentorId of mentorIds) await authoriseAboutMentor(session, actor, operation, mentorId);
}

async function toLockedSource(
  parts: EngineParts,
  session: Session,
  row: actRepository.SourceRow,
): Promise<LockedSource> {
  const { sourceId, model, ref, mergedRef } = row;
  const hashes = (known: string | null) => hashMemberRef(parts.keyRing, session.orgId, { model, ref: known });
  return {
    sourceId,
    model,
    ref,
    memberIdHashes: [...(await hashes(ref)), ...(await hashes(mergedRef))],
    newest: row.newestAt === null ? null : { occurredAt: row.newestAt, rank: row.newestRank ?? 1 },
  };
}

/** What was moved: totals before and after, and what was reached. */
export function consequenceOf(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  events: readonly RecordedEvent[],
): Consequence {
  const totals = [...before].map(([mentorId, count]) => ({
    mentorId,
    before: count,
    after: after.get(mentorId) ?? count,
  }));
  const milestones = events.flatMap(({ type, mentorId, data }) =>
    type === 'milestone.reached' && mentorId !== null ? { mentorId, threshold: Number(data.threshold) } : [],
  );
  const badges = events.flatMap(({ type, mentorId, data }) =>
    type === 'badge.awarded' && mentorId !== null
      ? { mentorId, badgeDefinitionId: String(data.badge_definition_id) }
      : [],
  );
  return { totals, milestones, badges };
}

/** What an act that moved nothing moved. */
export const noConsequence: Consequence = { totals: [], milestones: [], badges: [] };
