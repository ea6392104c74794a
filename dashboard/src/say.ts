import { boot, type Language } from './boot.ts';
import type { AdminWordTable, WordKey, WordTable } from './words/word-table.ts';

export type { WordKey } from './words/word-table.ts';

type Values = Record<string, string | number>;

// Chromium does not know nynorsk: its days and numbers are those of bokmål, and not American ones.
const locales: Readonly<Record<Language, string[]>> = { nb: ['nb-NO'], nn: ['nn-NO', 'nb-NO'], en: ['en-GB'] };
export const locale = locales[boot.language];
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);

let words: Readonly<Partial<Record<WordKey, string>>> = {};

const tables: Readonly<Record<Language, () => Promise<WordTable>>> = {
  nb: async () => (await import('./words/nb.ts')).nb,
  nn: async () => (await import('./words/nn.ts')).nn,
  en: async () => (await import('./words/en.ts')).en,
};
const adminTables: Readonly<Record<Language, () => Promise<AdminWordTable>>> = {
  nb: async () => (await import('./words/admin/nb.ts')).nb,
  nn: async () => (await import('./words/admin/nn.ts')).nn,
  en: async () => (await import('./words/admin/en.ts')).en,
};

/** Loads the language of the page, and only that one. */
export async function loadWords(): Promise<void> {
  words = await tables[boot.language]();
}

/** Adds what only administrators' pages say. */
export async function loadAdminWords(): Promise<void> {
  words = { ...words, ...(await adminTables[boot.language]()) };
}

/** Says a sentence with the organisation's words filled in. Numbers are written as the language writes them. */
export function say(key: WordKey, values: Values = {}): string {
  const given: Values = { org: boot.organisation.name, ...boot.terms, ...values };
  const chosen = (words[key] ?? '').replace(
    /\{(\w+), plural,((?:\s*(?:=\d+|\w+) \{(?:[^{}]|\{\w+\})*\})+)\}/g,
    (_, name: string, forms: string) => choosePlural(Number(given[name]), forms),
  );
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = given[name];
    return typeof value === 'number' ? numbers.format(value) : (value ?? whole);
  });
}

function choosePlural(count: number, forms: string): string {
  const byName = new Map(
    Array.from(forms.matchAll(/(=\d+|\w+) \{((?:[^{}]|\{\w+\})*)\}/g), ([, name, text]) => [name, text ?? '']),
  );
  const text = byName.get(`=${count}`) ?? byName.get(plurals.select(count)) ?? byName.get('other') ?? '';
  return text.replace('#', numbers.format(count));
}

const timeZone = boot.organisation.timeZone;
const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions, date: Date): string {
  const name = JSON.stringify(options);
  const known = formats.get(name) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(name, known);
  return known.format(date);
}

/** `17. november`; with the year where it is another than this one. */
export function sayDay(day: string): string {
  const date = new Date(day.length === 10 ? `${day}T12:00:00Z` : day);
  const isThisYear = date.getUTCFullYear() === new Date().getUTCFullYear();
  return format({ day: 'numeric', month: 'long', timeZone, ...(isThisYear ? {} : { year: 'numeric' }) }, date);
}

/** `17. nov.` */
export function sayShortDay(day: string): string {
  const date = new Date(day.length === 10 ? `${day}T12:00:00Z` : day);
  return format({ day: 'numeric', month: 'short', timeZone }, date);
}

/** `I dag`, `17. nov.`; with the year where it is another than this one. */
export function sayLately(at: string): string {
  const day = dayOf(at);
  if (day === dayFromToday(0)) return say('common.today');
  return day.slice(0, 4) === dayFromToday(0).slice(0, 4) ? sayShortDay(at) : sayDay(at);
}

/** `18.42`, in English `18:42`, in the organisation's zone. */
export function sayTime(at: string): string {
  const time = format({ hour: '2-digit', minute: '2-digit', timeZone }, new Date(at));
  return boot.language === 'en' ? time : time.replace(':', '.');
}

/** What stands within a sentence begins small: `i dag kl. 18.42`. */
export const lowerFirst = (text: string): string => text.charAt(0).toLocaleLowerCase(locale) + text.slice(1);

export function sayNumber(count: number): string {
  return numbers.format(count);
}

/** `12,5 %` of a share such as 0.125. One decimal always, so that a column of them lines up. */
export function sayPercent(share: number, isSigned = false): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    ...(isSigned ? { signDisplay: 'exceptZero' } : {}),
  }).format(share);
}

/** The day of a moment in the organisation's zone, `2026-11-20`. */
function dayOf(at: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(at));
}

/** The day in the organisation's zone, `2026-11-20`, some days from today. */
export function dayFromToday(days: number): string {
  const date = new Date(`${dayOf(new Date().toISOString())}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** `I dag kl. 18.42`, `I går kl. 03.10`, `17. november kl. 03.10`. */
export function sayMoment(at: string): string {
  const day = dayOf(at);
  const time = sayTime(at);
  if (day === dayFromToday(0)) return say('common.todayAt', { time });
  if (day === dayFromToday(-1)) return say('common.yesterdayAt', { time });
  return say('common.dayAt', { day: sayDay(day), time });
}

/** `For 4 minutter siden` within the last hour, else the moment. */
export function sayAgo(at: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(at)) / 60_000));
  if (minutes === 0) return say('common.justNow');
  return minutes < 60 ? say('common.minutesAgo', { n: minutes }) : sayMoment(at);
}

/** `4 dager`, `2 timer`, `5 minutter`: how long ago, in the largest whole unit, and never nothing. */
export function sayAge(at: string): string {
  const minutes = Math.max(1, Math.floor((Date.now() - Date.parse(at)) / 60_000));
  if (minutes < 60) return say('common.minutes', { n: minutes });
  if (minutes < 1_440) return say('common.hours', { n: Math.floor(minutes / 60) });
  return say('common.days', { n: Math.floor(minutes / 1_440) });
}
