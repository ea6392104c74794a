import { fillSentence } from '../words/fill.ts';
import type { Language } from '../words/language.ts';

interface DigestWords {
  subject: string;
  waits: string;
  open: string;
  why: string;
}

const words: Readonly<Record<Language, DigestWords>> = {
  nb: {
    subject: '{n, plural, one {Én sak} other {# saker}} venter i innboksen til {org}',
    waits: '{n, plural, one {Én sak} other {# saker}} venter på en koordinator i {org}. Den eldste kom {day}.',
    open: 'Logg inn og åpne innboksen: {url}',
    why: 'Du får denne e-posten på virkedager når noe venter. En administrator kan ta adressen din av listen.',
  },
  nn: {
    subject: '{n, plural, one {Éi sak} other {# saker}} ventar i innboksen til {org}',
    waits: '{n, plural, one {Éi sak} other {# saker}} ventar på ein koordinator i {org}. Den eldste kom {day}.',
    open: 'Logg inn og opne innboksen: {url}',
    why: 'Du får denne e-posten på yrkedagar når noko ventar. Ein administrator kan ta adressa di av lista.',
  },
  en: {
    subject: '{n, plural, one {One case waits} other {# cases wait}} in the inbox of {org}',
    waits:
      '{n, plural, one {One case waits} other {# cases wait}} for a coordinator of {org}. The oldest came on {day}.',
    open: 'Sign in and open the inbox: {url}',
    why: 'You get this e-mail on working days when something waits. An administrator can take your address off the list.',
  },
};

/** The digest in words: how much waits and since which day, nothing of any case. */
export function wordDigest(given: {
  language: Language;
  org: string;
  count: number;
  /** The day on which the oldest came, as the organisation writes days. */
  oldest: Date;
  timeZone: string;
  url: string;
}): { subject: string; text: string } {
  const { language, org, count, oldest, timeZone, url } = given;
  const locale = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' }[language];
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone }).format(oldest);
  const say = (sentence: string) => fillSentence(sentence, { n: count, org, day, url }, language);
  const { subject, waits, open, why } = words[language];
  return { subject: say(subject), text: [waits, open, why].map(say).join('\n\n') };
}
