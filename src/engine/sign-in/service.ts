import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { recordAction } from '../audit/record-action.ts';
import type { Session } from '../database.ts';
import { refuseTaken } from '../database-faults.ts';
import { toBase64Url } from '../encode-bytes.ts';
import { VerveError } from '../errors.ts';
import { requireUuid } from '../ids.ts';
import { readInput } from '../input.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import { addressPlace } from './address-place.ts';
import * as repository from './repository.ts';

/** How long a link works. */
const linkMinutes = 15;
/** Links of one person that may wait at once: what a stranger who knows the address can make arrive. */
const mostLinks = 3;
/** A session ends after so many days, whatever happens, */
const sessionDays = 90;
/** or when it was not used for so many. */
const idleDays = 30;
/** A session's token is replaced by another one when it is older, */
const renewAfterHours = 24;
/** and still taken for so long, from requests that were under way. */
const graceMinutes = 10;

/** Tokens: 32 random bytes in base64url. */
const tokenForm = /^[A-Za-z0-9_-]{43}$/;
const isTaken = 'Another person here has this address.';
const addressSchema = z.strictObject({ email: z.email().trim().toLowerCase().max(254) });

/** A session that holds. */
export interface SignInSession {
  sessionId: string;
  userId: string;
  expiresAt: Date;
  /** Whether `renew` should give it another token. */
  isDueForRenewal: boolean;
}

export type SignIn = ReturnType<typeof createSignIn>;

/**
 * Signing in to the dashboard: a person's address, a link that works once, and sessions. Tokens are shown once and kept as
 * keyed hashes; addresses are sealed, and found by a blind index.
 */
export function createSignIn(parts: EngineParts) {
  const newToken = () => toBase64Url(parts.random.bytes(32));
  const hashesOf = (orgId: string, kind: 'link' | 'session' | 'address', value: string) =>
    parts.keyRing.hashes(orgId.toLowerCase(), 'sign-in', `${kind}|${value}`);
  const currentHash = async (orgId: string, kind: 'link' | 'session', token: string) =>
    (await hashesOf(orgId, kind, token))[0] as Uint8Array<ArrayBuffer>;
  const personActor = (userId: string): Actor => ({ kind: 'person', userId, mentorId: null, roles: [] });

  async function makeLink(session: Session, orgId: string, userId: string): Promise<string | null> {
    const token = newToken();
    const tokenHash = await currentHash(orgId, 'link', token);
    const isMade = await repository.insertLink(session, { userId, tokenHash, minutes: linkMinutes, most: mostLinks });
    return isMade ? token : null;
  }

  return {
    /**
     * Says to which address a person's links are sent. Safe to repeat; another address replaces it, and signs the person out.
     * Refuses an address that another person has here (`already_exists`), and who is nobody here (`not_found`).
     */
    async setAddress(call: Call & { userId: string; email: string }): Promise<{ outcome: 'set' }> {
      requireMay(call.actor, 'role.manage');
      const userId = requireUuid(call.userId, 'user_id');
      const { email } = readInput(addressSchema, { email: call.email });
      const indexes = await hashesOf(call.orgId, 'address', email);
      const sealed = await parts.keyRing.sealText(addressPlace(call.orgId, userId), email);
      return inOrganisation(parts, call, async (session) => {
        if (!(await repository.belongsHere(session, userId))) throw new VerveError('not_found');
        const saving = repository.saveAddress(session, { userId, indexes, sealed });
        // The constraint decides between two persons at once, the statement over addresses of a former secret.
        if (!(await refuseTaken('sign_in_addresses_belong_to_one_person', isTaken, saving)))
          throw new VerveError('already_exists', isTaken);
        await repository.deleteLinks(session, userId);
        await repository.deleteSessions(session, { userId });
        await record(session, call.actor, 'sign_in.set_address', userId);
        return { outcome: 'set' };
      });
    },

    /**
     * Forgets a person's address, ends the sessions and the links that wait. `notSet` = no address, no session. Safe to
     * repeat.
     */
    async removeAddress(call: Call & { userId: string }): Promise<{ outcome: 'removed' | 'notSet' }> {
      requireMay(call.actor, 'role.manage');
      const userId = requireUuid(call.userId, 'user_id');
      return inOrganisation(parts, call, async (session) => {
        const wasSet = await repository.deleteAddress(session, userId);
        await repository.deleteLinks(session, userId);
        const ended = await repository.deleteSessions(session, { userId });
        if (!wasSet && ended === 0) return { outcome: 'notSet' };
        await record(session, call.actor, 'sign_in.remove_address', userId);
        return { outcome: 'removed' };
      });
    },

    /**
     * Makes a link for whoever has this address: its token; null = nobody has, or three wait already. The caller answers the
     * same in either case.
     */
    async requestLink(call: Pick<Call, 'orgId'> & { email: string }): Promise<{ token: string } | null> {
      const read = addressSchema.safeParse({ email: call.email });
      if (!read.success) return null;
      const indexes = await hashesOf(call.orgId, 'address', read.data.email);
      return inOrganisation(parts, call, async (session) => {
        const userId = await repository.findPersonByAddress(session, indexes);
        if (userId === null || !(await repository.belongsHere(session, userId))) return null;
        const token = await makeLink(session, call.orgId, userId);
        return token === null ? null : { token };
      });
    },

    /**
     * Makes a link for a person of the organisation, for the installation alone: who holds it is that person.
     * Refuses with `not_found` who is nobody here.
     */
    async makeLink(call: Call & { userId: string }): Promise<{ token: string }> {
      if (call.actor.kind !== 'system') throw new VerveError('forbidden');
      const userId = requireUuid(call.userId, 'user_id');
      return inOrganisation(parts, call, async (session) => {
        if (!(await repository.belongsHere(session, userId))) throw new VerveError('not_found');
        const token = await makeLink(session, call.orgId, userId);
        if (token === null) throw new VerveError('conflict', 'Three links wait for this person; use one of them.');
        await record(session, call.actor, 'sign_in.make_link', userId);
        return { token };
      });
    },

    /** Whom a link would sign in; null = it was used, or its time is over. Uses nothing up. */
    async lookAtLink(call: Pick<Call, 'orgId'> & { token: string }): Promise<{ name: string | null } | null> {
      if (!tokenForm.test(call.token)) return null;
      const hashes = await hashesOf(call.orgId, 'link', call.token);
      const found = await inOrganisation(parts, call, (session) => repository.readLink(session, hashes));
      return found === null ? null : { name: found.name };
    },

    /** Uses a link up and opens a session: its token; null = the link was used, or its time is over. */
    async useLink(
      call: Pick<Call, 'orgId'> & { token: string },
    ): Promise<{ token: string; maxAgeDays: number } | null> {
      if (!tokenForm.test(call.token)) return null;
      const hashes = await hashesOf(call.orgId, 'link', call.token);
      const token = newToken();
      const tokenHash = await currentHash(call.orgId, 'session', token);
      return inOrganisation(parts, call, async (session) => {
        const userId = await repository.takeLink(session, hashes);
        if (userId === null) return null;
        await repository.insertSession(session, { userId, tokenHash, days: sessionDays });
        await record(session, personActor(userId), 'sign_in.enter', userId);
        return { token, maxAgeDays: sessionDays };
      });
    },

    /** The session of a token, or null = none, ended, or not used for 30 days. */
    async findSession(call: Pick<Call, 'orgId'> & { token: string }): Promise<SignInSession | null> {
      if (!tokenForm.test(call.token)) return null;
      const tokenHashes = await hashesOf(call.orgId, 'session', call.token);
      const given = { tokenHashes, idleDays, graceMinutes, renewAfterHours };
      return inOrganisation(parts, call, (session) => repository.useSession(session, given));
    },

    /** Gives a session another token; null = another request did so just now, and the old one still holds for minutes. */
    async renew(
      call: Pick<Call, 'orgId'> & { sessionId: string; token: string },
    ): Promise<{ token: string; maxAgeDays: number } | null> {
      const tokenHashes = await hashesOf(call.orgId, 'session', call.token);
      const token = newToken();
      const renewed = {
        sessionId: call.sessionId,
        tokenHashes,
        newTokenHash: await currentHash(call.orgId, 'session', token),
      };
      const isNew = await inOrganisation(parts, call, (session) => repository.renewSession(session, renewed));
      return isNew ? { token, maxAgeDays: sessionDays } : null;
    },

    /** Ends the session of a token, or with `everywhere` all of its person. Safe to repeat. */
    async signOut(call: Pick<Call, 'orgId'> & { token: string; everywhere: boolean }): Promise<{ ended: number }> {
      if (!tokenForm.test(call.token)) return { ended: 0 };
      const tokenHashes = await hashesOf(call.orgId, 'session', call.token);
      const given = { tokenHashes, idleDays, graceMinutes, renewAfterHours };
      return inOrganisation(parts, call, async (session) => {
        const held = await repository.useSession(session, given);
        if (held === null) return { ended: 0 };
        const which = call.everywhere ? { userId: held.userId } : { tokenHashes };
        const ended = await repository.deleteSessions(session, which);
        await record(session, personActor(held.userId), 'sign_in.leave', held.userId);
        return { ended };
      });
    },

    /** Deletes links and sessions whose time is over, and addresses of those who left; gives how many. Safe to repeat. */
    deleteEnded(call: Pick<Call, 'orgId'>): Promise<number> {
      return inOrganisation(parts, call, (session) => repository.deleteEnded(session, idleDays));
    },
  };
}

type Action = 'set_address' | 'remove_address' | 'make_link' | 'enter' | 'leave';

function record(session: Session, actor: Actor, action: `sign_in.${Action}`, userId: string): Promise<string> {
  return recordAction(session, { actor, action, subjectId: userId, details: { user_id: userId } });
}
