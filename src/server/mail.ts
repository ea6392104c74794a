import { isIPv4 } from 'node:net';
import { createTransport } from 'nodemailer';

/** One letter to one person: plain text. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Where letters go out. */
export interface MailSettings {
  /** `smtps://user:password@host:465`, or `smtp://…:587`, which is encrypted before anything is said. */
  readonly smtpUrl: string;
  /** `verve@example.org`, or with a name: `Verve <verve@example.org>`. */
  readonly from: string;
}

/** Sends letters, one connection each: they are few. */
export interface Mailer {
  /** Gives the letter to the mail server. Not safe to repeat. @throws {MailFailed} */
  send(letter: Letter): Promise<void>;
  /** Asks whether the mail server takes our name and password; sends nothing. @throws {MailFailed} */
  check(): Promise<void>;
}

/**
 * What became of a letter that did not simply go: `refused` for good (no such address), `postponed` (it certainly did not
 * go; try later), or `uncertain` (the connection broke when it may have been taken).
 */
export type MailFate = 'refused' | 'postponed' | 'uncertain';

/** A letter did not go, or nobody knows. Names neither the address nor what the mail server said, which may hold it. */
export class MailFailed extends Error {
  override readonly name = 'MailFailed';
  readonly fate: MailFate;
  /** For logs: a closed word of the mail library, such as ECONNECTION or EAUTH, or the server's three digits. */
  readonly code: string;
  constructor(fate: MailFate, code: string) {
    super(`The mail server did not take the letter (${code}).`);
    this.fate = fate;
    this.code = code;
  }
}

const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/**
 * Makes the sender. Connects when a letter goes. Everywhere but on this machine itself nothing is said without encryption,
 * and the mail server's certificate must be good.
 */
export function createMailer({ smtpUrl, from }: MailSettings): Mailer {
  const url = new URL(smtpUrl);
  const isSecure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const transport = createTransport({
    host,
    port: url.port === '' ? (isSecure ? 465 : 587) : Number(url.port),
    secure: isSecure,
    requireTLS: !isSecure && !isLoopback(host),
    ignoreTLS: !isSecure && isLoopback(host),
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...PATIENCE,
  });
  return {
    async send({ to, subject, text }) {
      try {
        // An object, not a text: what stands in an address is never read as several.
        const headers = { 'Auto-Submitted': 'auto-generated' };
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text, headers });
      } catch (error) {
        throw judge(error);
      }
    },
    async check() {
      try {
        await transport.verify();
      } catch (error) {
        throw new MailFailed('postponed', judge(error).code); // no letter was on its way
      }
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** What is told before the text of a letter is on its way. */
const BEFORE_THE_TEXT: ReadonlySet<unknown> = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'ECONNREFUSED']);

function judge(error: unknown): MailFailed {
  const { code, originalCode, responseCode } = error as Record<'code' | 'originalCode' | 'responseCode', unknown>;
  const word = typeof code === 'string' ? code : 'unknown';
  if (typeof responseCode !== 'number') {
    const didNotGo = BEFORE_THE_TEXT.has(code) || BEFORE_THE_TEXT.has(originalCode);
    return new MailFailed(didNotGo ? 'postponed' : 'uncertain', word);
  }
  // Name, password or encryption that will not do are the operator's to mend, and no fault of the letter.
  const isLasting = responseCode >= 500 && (word === 'EENVELOPE' || word === 'EMESSAGE');
  return new MailFailed(isLasting ? 'refused' : 'postponed', String(responseCode));
}
