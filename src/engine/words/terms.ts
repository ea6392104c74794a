import { z } from 'zod';
import { type Language, languages } from './language.ts';

/** The four forms of an organisation's word for the one who recruits. English needs the same four, without articles. */
const term = z.string().trim().min(1).max(60);
const formsSchema = z.object({ singular: term, singularDefinite: term, plural: term, pluralDefinite: term });

/** An organisation's terms by language; a language that is left out takes the built-in words. */
export const termsSchema = z.object({ nb: formsSchema, nn: formsSchema, en: formsSchema }).partial();
export type Terms = z.output<typeof termsSchema>;

/** The words of an organisation that has none of its own. */
export const builtInTerms: Readonly<Record<Language, z.output<typeof formsSchema>>> = {
  nb: {
    singular: 'likeperson',
    singularDefinite: 'likepersonen',
    plural: 'likepersoner',
    pluralDefinite: 'likepersonene',
  },
  nn: {
    singular: 'likeperson',
    singularDefinite: 'likepersonen',
    plural: 'likepersonar',
    pluralDefinite: 'likepersonane',
  },
  en: {
    singular: 'peer mentor',
    singularDefinite: 'the peer mentor',
    plural: 'peer mentors',
    pluralDefinite: 'the peer mentors',
  },
};

/** The organisation's terms as values for sentences: `mentorTerm…`, and `MentorTerm…` with the first letter raised. */
export function termValues(language: Language, terms: Terms = {}): Record<string, string> {
  const forms = terms[language] ?? builtInTerms[language];
  const values = {
    mentorTerm: forms.singular,
    mentorTermDef: forms.singularDefinite,
    mentorTermPlural: forms.plural,
    mentorTermPluralDef: forms.pluralDefinite,
  };
  const raised = Object.entries(values).map(([name, value]) => [raise(name), raise(value)]);
  return { ...values, ...Object.fromEntries(raised) };
}

/** Every name that `termValues` gives. */
export const termNames: readonly string[] = Object.keys(termValues(languages[0]));

function raise(text: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase('nb') + rest.join('');
}
