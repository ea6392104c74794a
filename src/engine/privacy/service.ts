import { type Actor, describeActor } from '../actor.ts';
import { requireMemberId } from '../attributions/fact-intake.ts';
import { recordAction } from '../audit/record-action.ts';
import { endCodeOfLeaver } from '../codes/service.ts';
import { openContact } from '../contacts/contact.ts';
import type { Session } from '../database.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { findMentor, lockMentor, updateMentor, updateStatus } from '../mentors/repository.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { addressPlace } from '../sign-in/address-place.ts';
import { eraseAgain, type Tombstone } from './erase-again.ts';
import * as erasing from './erase-repository.ts';
import * as exporting from './export-repository.ts';

/** Everything that is held about one person, by the table that holds it. An empty list = looked, and found nothing. */
export interface PersonExport {
  subject: { kind: 'member' | 'mentor'; id: string };
  exportedAt: Date;
  tables: exporting.ExportedTables;
}

export type Erased = {
  /** `alreadyErased` = nothing was left to erase; `notFound` = never heard of. */
  outcome: 'erased' | 'alreadyErased' | 'notFound';
};

/** What erasing would find. `rows` = how many each table holds about the person; tables without any are left out. */
export interface ErasureForeseen {
  outcome: 'wouldErase' | 'alreadyErased' | 'notFound';
  rows: Record<string, number>;
}

export interface Privacy {
  /**
   * Everything about one member id, contact data opened, whatever became of the credit (specification §9). What is linked
   * by code order alone shows no contact and no reference: they may be another person's. Safe to repeat; writes only the
   * audit entry that it was done. Refuses with `not_found` where nothing is held.
   */
  exportMember(call: Call & { memberId: string }): Promise<PersonExport>;
  /** Everything about one mentor, without what would name a recruit. Safe to repeat. Refuses with `not_found`. */
  exportMentor(call: Call & { mentorId: string }): Promise<PersonExport>;
  /** What erasing this member would find. Writes nothing. */
  previewEraseMember(call: Call & { memberId: string }): Promise<ErasureForeseen>;
  /** What erasing this mentor would find. Writes nothing. */
  previewEraseMentor(call: Call & { mentorId: string }): Promise<ErasureForeseen>;
  /**
   * Removes a member's identity, also under ids merged with it, in one transaction: attribution, mentor, days and every
   * count stay. Leaves a keyed tombstone, so that facts whose membership date is at or before now are `ignoredErased`;
   * a later membership is a new person. Safe to repeat. Cannot be undone.
   */
  eraseMember(call: Call & { memberId: string }): Promise<Erased>;
  /**
   * Removes a mentor's name, account, member id and device; the mentor leaves and the code ends. Credits, counts and
   * awards stay with the nameless mentor. Safe to repeat. Cannot be undone.
   */
  eraseMentor(call: Call & { mentorId: string }): Promise<Erased>;
  /**
   * After a backup was restored: erases again whom these tombstones of a later state mean, each at the time it had. Tombstones
   * that are here already are passed over. Safe to repeat.
   */
  eraseAgain(call: Call & { tombstones: readonly Tombstone[] }): Promise<{ tombstones: number; erased: number }>;
}

/** What stands where a name was, in the organisation's language. */
export const erasedName: Readonly<Record<string, string>> = { nb: 'Slettet', nn: 'Sletta', en: 'Erased' };

/** Export and erasure of one person (specification §9). */
export function createPrivacy(parts: EngineParts): Privacy {
  const { keyRing } = parts;
  const hashesOf = async (session: Session, refs: readonly string[]) =>
    (await Promise.all(refs.map((ref) => keyRing.hashes(session.orgId, 'member-ref', ref)))).flat();
  const mentorHashes = (session: Session, mentorId: string) => keyRing.hashes(session.orgId, 'erasure', mentorId);
  const audit = (
    session: Session,
    actor: Actor,
    action: 'person.export' | 'person.erase',
    { kind, id: subjectId }: { kind: 'member' | 'mentor'; id: string },
  ) => recordAction(session, { actor, action, subjectId, details: { kind } });

  async function missingMember(session: Session, memberId: string): Promise<'alreadyErased' | 'notFound'> {
    const hashes = await keyRing.hashes(session.orgId, 'member-ref', memberId);
    return (await erasing.hasTombstone(session, 'member', hashes)) ? 'alreadyErased' : 'notFound';
  }

  async function isErasedMentor(session: Session, mentor: MentorRow): Promise<boolean> {
    const { mentorId, userId, displayName, status } = mentor;
    if (userId !== null || status !== 'left' || !Object.values(erasedName).includes(displayName)) return false;
    if (await erasing.hasMentorHashes(session, mentorId)) return false;
    return erasing.hasTombstone(session, 'mentor', await mentorHashes(session, mentorId));
  }

  async function tablesOfMember(session: Session, sources: Sources): Promise<exporting.ExportedTables> {
    const sourceIds = sources.map((source) => source.sourceId);
    const refs = sources.flatMap((source) => source.ref ?? []);
    const tables = await exporting.readMember(session, sourceIds, await hashesOf(session, refs));
    tables.registration_contacts = await Promise.all(
      (await exporting.readContacts(session, sourceIds)).map(async ({ row, attributionId, sealed }) => ({
        ...row,
        ...(await openContact(keyRing, { orgId: session.orgId, ownerId: attributionId }, sealed)),
      })),
    );
    return tables;
  }

  async function tablesOfMentor(session: Session, mentor: MentorRow): Promise<exporting.ExportedTables> {
    const tables = await exporting.readMentor(session, mentor, await mentorHashes(session, mentor.mentorId));
    tables.sign_in_addresses = await openAddress(session, mentor.userId);
    return tables;
  }

  async function eraseMemberIn(session: Session, actor: Actor, memberId: string): Promise<Erased> {
    const sources = await erasing.lockMember(session, memberId);
    if (sources.length === 0) return { outcome: await missingMember(session, memberId) };
    const hashes = await Promise.all(sources.map((source) => keyRing.hash(session.orgId, 'member-ref', source.ref)));
    const sourceIds = sources.map((source) => source.sourceId);
    await erasing.eraseMemberRows(session, sourceIds);
    const tombstones = { hashes, keyId: await keyRing.keyId(), actor: describeActor(actor) };
    const erasureId = await erasing.insertTombstones(session, 'member', tombstones);
    await audit(session, actor, 'person.erase', { kind: 'member', id: erasureId });
    return { outcome: 'erased' };
  }

  async function eraseMentorIn(session: Session, actor: Actor, mentorId: string): Promise<Erased> {
    const as = requireMay(actor, 'person.erase');
    const mentor = await lockMentor(session, mentorId);
    if (mentor === null) return { outcome: 'notFound' };
    const displayName = erasedName[await erasing.readLocale(session)] ?? 'Erased';
    if (await isErasedMentor(session, mentor)) return { outcome: 'alreadyErased' };
    const hashes = await mentorHashes(session, mentorId);
    if (mentor.status !== 'left') {
      await updateStatus(session, mentorId, 'left');
      await endCodeOfLeaver(session, mentorId, as);
    }
    await updateMentor(session, { ...mentor, userId: null, displayName, isOnLeaderboard: false });
    await erasing.eraseMentorRows(session, mentorId, mentor.userId);
    const tombstones = { hashes: hashes.slice(0, 1), keyId: await keyRing.keyId(), actor: describeActor(actor) };
    await erasing.insertTombstones(session, 'mentor', tombstones);
    await audit(session, actor, 'person.erase', { kind: 'mentor', id: mentorId });
    return { outcome: 'erased' };
  }

  async function openAddress(session: Session, userId: string | null): Promise<Record<string, unknown>[]> {
    const kept = userId === null ? null : await exporting.readAddress(session, userId);
    if (userId === null || kept === null) return [];
    const email = await keyRing.unsealText(addressPlace(session.orgId, userId), kept.sealed);
    return [{ user_id: userId, email, created_at: kept.createdAt }];
  }

  return {
    exportMember: (call) => {
      requireMay(call.actor, 'person.export');
      const memberId = requireMemberId(call.memberId, 'member_id');
      return inOrganisation(parts, call, async (session) => {
        const sources = await exporting.findMemberSources(session, memberId);
        if (sources.length === 0) throw new VerveError('not_found');
        const tables = await tablesOfMember(session, sources);
        tables.roles = []; // a member has none
        tables.organisations = []; // the list of the digest's addresses is by no member
        await audit(session, call.actor, 'person.export', { kind: 'member', id: sources[0]?.sourceId as string });
        return { subject: { kind: 'member', id: memberId }, exportedAt: await exporting.readTime(session), tables };
      });
    },

    exportMentor: (call) => {
      requireMay(call.actor, 'person.export');
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, async (session) => {
        const mentor = await findMentor(session, mentorId);
        if (mentor === null) throw new VerveError('not_found');
        const tables = await tablesOfMentor(session, mentor);
        await audit(session, call.actor, 'person.export', { kind: 'mentor', id: mentorId });
        return { subject: { kind: 'mentor', id: mentorId }, exportedAt: await exporting.readTime(session), tables };
      });
    },

    previewEraseMember: (call) => {
      requireMay(call.actor, 'person.erase');
      const memberId = requireMemberId(call.memberId, 'member_id');
      return inOrganisation(parts, call, async (session) => {
        const sources = await exporting.findMemberSources(session, memberId);
        if (sources.length === 0) return { outcome: await missingMember(session, memberId), rows: {} };
        return { outcome: 'wouldErase', rows: countRows(await tablesOfMember(session, sources)) };
      });
    },

    previewEraseMentor: (call) => {
      requireMay(call.actor, 'person.erase');
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, async (session) => {
        const mentor = await findMentor(session, mentorId);
        if (mentor === null) return { outcome: 'notFound', rows: {} };
        if (await isErasedMentor(session, mentor)) return { outcome: 'alreadyErased', rows: {} };
        return { outcome: 'wouldErase', rows: countRows(await tablesOfMentor(session, mentor)) };
      });
    },

    eraseMember: (call) => {
      requireMay(call.actor, 'person.erase');
      const memberId = requireMemberId(call.memberId, 'member_id');
      return inOrganisation(parts, call, (session) => eraseMemberIn(session, call.actor, memberId));
    },

    eraseMentor: (call) => {
      requireMay(call.actor, 'person.erase');
      const mentorId = requireUuid(call.mentorId, 'mentor_id');
      return inOrganisation(parts, call, (session) => eraseMentorIn(session, call.actor, mentorId));
    },

    eraseAgain: (call) => eraseAgain(parts, { member: eraseMemberIn, mentor: eraseMentorIn }, call),
  };
}

type MentorRow = NonNullable<Awaited<ReturnType<typeof findMentor>>>;
type Sources = Awaited<ReturnType<typeof exporting.findMemberSources>>;

function countRows(tables: exporting.ExportedTables): Record<string, number> {
  const counts = Object.entries(tables).map(([table, rows]) => [table, rows.length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}
