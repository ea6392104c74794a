import { giveDigestLetterBack, takeDigestLetter, tellInboxWaits } from '../engine/inbox/digest.ts';
import type { Verve } from '../engine/verve.ts';
import { type Mailer, MailFailed } from './mail.ts';

/** How the digest of one organisation went. */
export interface DigestResult {
  outcome: Awaited<ReturnType<typeof tellInboxWaits>>['outcome'];
  count: number;
  /** Letters that went now; without a mail server always 0. */
  letters: number;
}

/** Where letters go out, and what stands in them. */
export interface DigestMail {
  readonly mailer: Mailer;
  /** Where coordinators sign in and find the inbox. */
  readonly url: string;
  /** Told of a letter that did not go for good, or of which nobody knows. Never of the address. */
  readonly onLost: (lost: { orgId: string; code: string }) => void;
}

/**
 * Tells an organisation that its inbox waits: the event, and a letter to each address of its list. Safe to repeat and from
 * several servers: each letter goes at most once a day. What the mail server cannot take just now is left for the next try.
 * @throws {MailFailed} when the mail server cannot be used now
 */
export async function sendDigest(
  verve: Verve,
  { orgId, mail }: { orgId: string; mail: DigestMail | null },
): Promise<DigestResult> {
  const told = await tellInboxWaits(verve.parts, { orgId });
  if (mail === null || told.outcome === 'nothingWaits') return { ...told, letters: 0 };
  for (let letters = 0; ; ) {
    const letter = await takeDigestLetter(verve.parts, { orgId, url: mail.url });
    if (letter === null) return { ...told, letters };
    try {
      if (letters === 0) await mail.mailer.check();
      await mail.mailer.send(letter);
      letters += 1;
    } catch (error) {
      if (!(error instanceof MailFailed)) throw error;
      if (error.fate === 'postponed') {
        await giveDigestLetterBack(verve.parts, { orgId, letter });
        throw error;
      }
      mail.onLost({ orgId, code: error.code });
    }
  }
}
