import { z } from 'zod';
import { en } from './en.ts';
import { fillSentence, type WordValues } from './fill.ts';
import { type Language, languages } from './language.ts';
import { nb, type WordKey, type WordTable } from './nb.ts';
import { nn } from './nn.ts';
import { type Terms, termValues } from './terms.ts';

/** The word tables by language. */
export const wordTables: Readonly<Record<Language, WordTable>> = { nb, nn, en };

/** The sentences that an organisation may replace with its own (design/strings.md, ◆). */
export const replaceableKeys = [
  'join.intro',
  'join.sees.no',
  'share.message',
  'share.subject',
] as const satisfies WordKey[];
const sentence = z.string().trim().min(1).max(400);

/** An organisation's own sentences by language. `{org}`, `{mentorTerm…}` and `{url}` are filled in; others stand as written. */
export const sentencesSchema = z.partialRecord(z.enum(languages), z.partialRecord(z.enum(replaceableKeys), sentence));

/** An organisation's own sentences; what is left out takes the built-in ones. */
export type Sentences = z.output<typeof sentencesSchema>;

/** Says a sentence of the tables in one language, with one organisation's words. */
export type Say = (key: WordKey, values?: WordValues) => string;

/**
 * Makes the function that says things for one organisation in one language. Text only: whoever puts it into a page
 * escapes it. Throws a RangeError where a sentence of ours lacks a value; an organisation's own sentence never throws.
 */
export function speak(options: { language: Language; org: string; terms?: Terms; sentences?: Sentences }): Say {
  const { language } = options;
  const always = { org: options.org, ...termValues(language, options.terms) };
  const own = new Map<string, string>(Object.entries(options.sentences?.[language] ?? {}));
  return (key, values = {}) => {
    const replaced = own.get(key);
    if (replaced !== undefined) return fillKnown(replaced, { ...values, ...always });
    return fillSentence(wordTables[language][key], { ...values, ...always }, language);
  };
}

/** Fills the placeholders that are known and leaves every other brace as it was written. */
function fillKnown(text: string, values: WordValues): string {
  return text.replace(/\{([A-Za-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
