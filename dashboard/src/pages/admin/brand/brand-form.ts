import type { BrandPreview, Operations, Organisation } from '../../../../../src/client/index.ts';
import { say } from '../../../say.ts';
import type { Values } from '../use-changes.ts';

export const languages = ['nb', 'nn', 'en'] as const;
export type Language = (typeof languages)[number];
export const forms = ['singular', 'singular_definite', 'plural', 'plural_definite'] as const;
export const sentences = ['join.intro', 'join.sees.no', 'share.message', 'share.subject'] as const;

type Forms = BrandPreview['built_in']['terms'];
type Texts = Readonly<Partial<Record<string, string>>>;

/** The fields of the page: `name`, `colour`, `terms.nb.singular`, `sentences.nb.join.intro`, … */
export function readBrand({ name, brand, terms }: Organisation): Values {
  const { colour, sentences: own } = brand as { colour: string | null; sentences: Partial<Record<Language, Texts>> };
  const words = terms as Partial<Record<Language, Texts>>;
  const values: Record<string, string> = { name, colour: colour?.toUpperCase() ?? '' };
  for (const language of languages) {
    for (const form of forms) values[`terms.${language}.${form}`] = words[language]?.[form] ?? '';
    for (const key of sentences) values[`sentences.${language}.${key}`] = own[language]?.[key] ?? '';
  }
  return values;
}

export const textOf = (values: Values, name: string): string => String(values[name] ?? '').trim();
const colourOf = (values: Values): string | null => textOf(values, 'colour').toLowerCase() || null;
export const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);

/** The four forms of a language; null = one is missing, or all. */
export function termsOf(values: Values, language: Language): Forms | null {
  const written = forms.map((form) => [form, textOf(values, `terms.${language}.${form}`)] as const);
  return written.every(([, text]) => text !== '') ? (Object.fromEntries(written) as unknown as Forms) : null;
}

/** The own sentences of a language, without those left empty. */
export function sentencesOf(values: Values, language: Language): Record<string, string> {
  const written = sentences.map((key) => [key, textOf(values, `sentences.${language}.${key}`)] as const);
  return Object.fromEntries(written.filter(([, text]) => text !== ''));
}

/** The change that the fields mean: words go as a whole, since that is how they are kept. */
export function writeBrand(
  values: Values,
  changed: readonly string[],
): Operations['updateOrganisation']['input']['body'] {
  const touches = (begin: string): boolean => changed.some((name) => name.startsWith(begin));
  const terms = languages.flatMap((language) => {
    const written = termsOf(values, language);
    return written === null ? [] : [[language, written] as const];
  });
  const own = languages.map((language) => [language, sentencesOf(values, language)] as const);
  const brand = {
    ...(touches('colour') ? { colour: colourOf(values) } : {}),
    ...(touches('sentences.') ? { sentences: Object.fromEntries(own) } : {}),
  };
  return {
    ...(touches('name') ? { name: textOf(values, 'name') } : {}),
    ...(touches('terms.') ? { terms: Object.fromEntries(terms) } : {}),
    ...(Object.keys(brand).length === 0 ? {} : { brand }),
  };
}

/** What is wrong, by field. */
export function checkBrand(values: Values): Record<string, string> {
  const found: Record<string, string> = {};
  if (textOf(values, 'name') === '') found.name = say('brand.name.error');
  const colour = textOf(values, 'colour');
  if (colour !== '' && !isColour(colour)) found.colour = say('brand.color.error');
  for (const language of languages) {
    const empty = forms.filter((form) => textOf(values, `terms.${language}.${form}`) === '');
    if (empty.length > 0 && empty.length < forms.length)
      found[`terms.${language}.${empty[0]}`] = say('brand.terms.error');
    const message = textOf(values, `sentences.${language}.share.message`);
    if (message !== '' && !message.includes('{url}'))
      found[`sentences.${language}.share.message`] = say('brand.own.share.url');
  }
  return found;
}

/** The language that a field is of; null = of none. */
export function languageOf(field: string): Language | null {
  return languages.find((language) => field.split('.')[1] === language) ?? null;
}
