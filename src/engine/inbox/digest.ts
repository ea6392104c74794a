import { appendEvents } from '../events/repository.ts';
import { toOrganisation } from '../organisations/organisation.ts';
import { findOrganisation } from '../organisations/repository.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import * as repository from './digest-repository.ts';
import { wordDigest } from './digest-words.ts';

type Parts = Pick<EngineParts, 'database'>;
type Where = Pick<Call, 'orgId'>;

/**
 * Tells that the inbox waits: one event `inbox.waiting` with how much and since when, which the organisation's endpoints
 * hear. Nothing when nothing waits. For the scheduler, every morning; safe to repeat, also by several servers: an
 * organisation is told once a day of its own.
 */
export function tellInboxWaits(
  parts: Parts,
  call: Where,
): Promise<{ outcome: 'told' | 'alreadyTold' | 'nothingWaits'; count: number }> {
  return inOrganisation(parts, call, async (session) => {
    const { count, oldestOpenedAt } = await repository.countWaiting(session);
    if (oldestOpenedAt === null) return { outcome: 'nothingWaits', count };
    if (!(await repository.beginDigest(session))) return { outcome: 'alreadyTold', count };
    const data = { count, oldest_opened_at: oldestOpenedAt.toISOString() };
    await appendEvents(session, [{ type: 'inbox.waiting', data }]);
    await repository.deleteOldDigests(session);
    return { outcome: 'told', count };
  });
}

/** One letter of a digest, ready to go. */
export interface DigestLetter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly taken: repository.TakenLetter;
}

/**
 * Takes the next letter of today's digest, for the addresses in the setting `digest.mailTo`, in the organisation's language.
 * Taken is taken: whoever dies before he has sent it leaves it unsent, so that none goes twice. null = there is no more.
 * @param call.url where the inbox is
 */
export function takeDigestLetter(parts: Parts, call: Where & { url: string }): Promise<DigestLetter | null> {
  return inOrganisation(parts, call, async (session) => {
    const row = await findOrganisation(session);
    if (row === null) return null;
    const { name, locale, timeZone, settings } = toOrganisation(row);
    const { count, oldestOpenedAt } = await repository.countWaiting(session);
    if (oldestOpenedAt === null) return null;
    const taken = await repository.takeLetter(session, settings.digest.mailTo.length);
    const to = taken === null ? undefined : settings.digest.mailTo[taken.place];
    if (taken === null || to === undefined) return null;
    return {
      to,
      taken,
      ...wordDigest({ language: locale, org: name, count, oldest: oldestOpenedAt, timeZone, url: call.url }),
    };
  });
}

/** Gives back a letter that certainly did not go, so that it is taken again. */
export function giveDigestLetterBack(parts: Parts, call: Where & { letter: DigestLetter }): Promise<void> {
  return inOrganisation(parts, call, (session) => repository.giveLetterBack(session, call.letter.taken));
}
