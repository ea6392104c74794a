import type { FactIntake } from '../attributions/fact-intake.ts';
import type { FindClick } from '../attributions/service.ts';
import { readCode } from '../codes/read-code.ts';
import { locateCode } from '../codes/repository.ts';
import { type Contact, type ContactIndexes, indexContact, isEmptyContact, sealContact } from '../contacts/contact.ts';
import { findSameContact, insertContact } from '../contacts/repository.ts';
import type { Session } from '../database.ts';
import { toHex } from '../encode-bytes.ts';
import type { Organisation } from '../organisations/organisation.ts';
import { type EngineParts, inOrganisation } from '../parts.ts';
import { type CodeEnd, judgeCode } from './join-state.ts';
import { findJoinCode, findRegistration, lockSubmissions } from './repository.ts';

/** What a join page is about. */
export type JoinPage =
  | {
      state: 'open';
      organisation: Organisation;
      codeId: string;
      code: string;
      mentorId: string | null;
      isReplaced: boolean;
    }
  | { state: 'ended'; organisation: Organisation; code: string; mentorId: string | null; reason: CodeEnd }
  /** No such code. `organisation` is the one whose link domain was visited; null = a page of nobody. */
  | { state: 'unknown'; organisation: Organisation | null };

export interface JoinSubmission {
  /** The code, in any spelling. */
  code: string;
  /** The random id of the sheet that was filled in: the registration's reference. Two posts of it are one registration. */
  submission: string;
  contact: Contact;
  /** Version of the notice that the person agreed to; null = nothing was agreed to, because nothing was given. */
  consentVersion: string | null;
  /** The random value of the page's opening, which ties the registration to its click; null = none. */
  sessionToken: string | null;
}

export type JoinOutcome =
  /** Registered now, or by an earlier post of the same sheet (`isRepeated`). */
  | { outcome: 'registered'; registrationRef: string; isRepeated: boolean }
  /** The same phone number or e-mail address has registered with this code before. */
  | { outcome: 'alreadyRegistered' }
  | { outcome: 'codeEnded' }
  | { outcome: 'unknownCode' };

/** Where organisations come from: at most five seconds old. */
interface OrganisationSource {
  recent(orgId: string): Promise<Organisation | null>;
  findIdByHost(host: string): Promise<string | null>;
}

export type JoinService = ReturnType<typeof createJoin>;

/** The public side of a code: what its page shows, and the registration that its form makes. */
export function createJoin(
  parts: Pick<EngineParts, 'database' | 'keyRing' | 'random'>,
  nouns: { organisations: OrganisationSource; facts: Pick<FactIntake, 'applyFactsIn'> },
  options: { findClick?: FindClick } = {},
) {
  const { database, keyRing, random } = parts;

  async function organisationOfHost(host: string): Promise<Organisation | null> {
    const orgId = await nouns.organisations.findIdByHost(host);
    return orgId === null ? null : nouns.organisations.recent(orgId);
  }

  /** The page of a code as it stands now. Writes nothing. `host` finds the organisation where the code does not. */
  async function open(visit: { code: string; host: string }): Promise<JoinPage> {
    const code = readCode(visit.code);
    const found = code === null ? null : await database.transaction({ role: 'none' }, (s) => locateCode(s, code));
    const organisation = found === null ? null : await nouns.organisations.recent(found.orgId);
    if (found === null || organisation === null || organisation.offboardedAt !== null) {
      return { state: 'unknown', organisation: await organisationOfHost(visit.host) };
    }
    const row = await inOrganisation(parts, found, (session) => findJoinCode(session, found.codeId));
    if (row === null) return { state: 'unknown', organisation };
    const judged = judgeCode(row, organisation.settings.rules);
    if (judged.standing === 'ended') {
      return { state: 'ended', organisation, code: row.code, mentorId: row.mentorId, reason: judged.reason };
    }
    const { codeId, mentorId } = row;
    return { state: 'open', organisation, codeId, code: row.code, mentorId, isReplaced: judged.isReplaced };
  }

  /**
   * Registers a person and stores the contact data apart, in one transaction. Safe to repeat, also concurrently: the same
   * sheet with the same contact is one registration. A sheet used again for another person (the back button on a shared
   * phone) is a registration of its own.
   */
  async function submit(sheet: JoinSubmission): Promise<JoinOutcome> {
    const page = await open({ code: sheet.code, host: '' });
    if (page.state === 'unknown') return { outcome: 'unknownCode' };
    if (page.state === 'ended') return { outcome: 'codeEnded' };
    const { orgId } = page.organisation;
    const indexes = await indexContact(keyRing, { orgId, codeId: page.codeId }, sheet.contact);

    return inOrganisation(parts, { orgId }, async (session) => {
      await lockSubmissions(session, [sheet.submission, ...peopleOf(indexes)]);
      const same = await findSameContact(session, page.codeId, indexes);
      const earlier = await findRegistration(session, sheet.submission);
      const isComparable = indexes.phone !== null || indexes.email !== null;
      const isSameSheet =
        earlier !== null &&
        earlier.codeId === page.codeId &&
        (isComparable
          ? same?.attributionId === earlier.attributionId
          : !earlier.hasContact || sheet.contact.name !== null);
      if (isSameSheet) return { outcome: 'registered', registrationRef: sheet.submission, isRepeated: true };
      if (same !== null) return { outcome: 'alreadyRegistered' };
      const registrationRef = earlier === null ? sheet.submission : random.uuid();
      return register(session, { ...sheet, page, indexes, registrationRef });
    });
  }

  async function register(
    session: Session,
    sheet: JoinSubmission & {
      page: Extract<JoinPage, { state: 'open' }>;
      indexes: Awaited<ReturnType<typeof indexContact>>;
      registrationRef: string;
    },
  ): Promise<JoinOutcome> {
    const { page, registrationRef, contact } = sheet;
    const click = await findClick(session, sheet);
    const fact = {
      kind: 'registered',
      memberId: null,
      code: page.code,
      registrationRef,
      source: 'person',
      click,
    } as const;
    const [outcome] = await nouns.facts.applyFactsIn(session, [{ fact, actor: { kind: 'public' } }]);
    if (outcome?.outcome === 'codeEnded') return { outcome: 'codeEnded' };
    if (outcome?.outcome !== 'registered') return { outcome: 'unknownCode' };
    if (!isEmptyContact(contact)) {
      const { attributionId } = outcome;
      await insertContact(session, {
        contactId: random.uuid(),
        attribution: { attributionId, codeId: page.codeId },
        sealed: await sealContact(keyRing, { orgId: session.orgId, ownerId: attributionId }, contact),
        indexes: sheet.indexes,
        consentVersion: sheet.consentVersion,
        keptDays: page.organisation.settings.retention.contactDays,
      });
    }
    return { outcome: 'registered', registrationRef, isRepeated: false };
  }

  /** The opening that this registration came from; a click under another code is none of its. */
  async function findClick(session: Session, sheet: JoinSubmission) {
    const { sessionToken } = sheet;
    if (sessionToken === null || options.findClick === undefined) return null;
    const found = await options.findClick(session, { sessionToken, registeredAt: null });
    return found !== null && found.code === readCode(sheet.code) ? found : null;
  }

  /**
   * Stores the contact of a person who joins without a code: the organisation is told, nobody is credited. Safe to repeat,
   * also concurrently: the same sheet, or the same phone or e-mail, is one contact.
   */
  async function submitWithoutCode(sheet: {
    organisation: Organisation;
    submission: string;
    contact: Contact;
    consentVersion: string | null;
  }): Promise<{ outcome: 'registered' | 'alreadyRegistered' }> {
    const { organisation, submission, contact, consentVersion } = sheet;
    const { orgId } = organisation;
    const indexes = await indexContact(keyRing, { orgId, codeId: null }, contact);
    return inOrganisation(parts, { orgId }, async (session) => {
      await lockSubmissions(session, [submission, ...peopleOf(indexes)]);
      const same = await findSameContact(session, null, indexes);
      if (same !== null) return { outcome: same.contactId === submission ? 'registered' : 'alreadyRegistered' };
      // The sheet's id, so that sending it again is seen; another person on the same sheet gets an id of his own.
      for (const contactId of [submission, random.uuid()]) {
        const sealed = await sealContact(keyRing, { orgId: session.orgId, ownerId: contactId }, contact);
        const keptDays = organisation.settings.retention.contactDays;
        const row = { contactId, attribution: null, sealed, indexes, consentVersion, keptDays };
        if (await insertContact(session, row)) break;
      }
      return { outcome: 'registered' };
    });
  }

  /** Whether a registration has already become a membership: then its hand-off link has been used. */
  async function isUsed(visit: { orgId: string; registrationRef: string }): Promise<boolean> {
    const found = await inOrganisation(parts, visit, (session) => findRegistration(session, visit.registrationRef));
    return found !== null && found.status !== 'pending';
  }

  return { open, submit, submitWithoutCode, isUsed, organisationOfHost };
}

/** Names for the locks under which one person's sheets wait for one another. */
function peopleOf(indexes: ContactIndexes): string[] {
  return [...(indexes.phone ?? []), ...(indexes.email ?? [])].map(toHex);
}
