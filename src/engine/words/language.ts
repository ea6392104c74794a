/** The languages of every face: bokmål, nynorsk, English. */
export const languages = ['nb', 'nn', 'en'] as const;
export type Language = (typeof languages)[number];

/** What a language calls itself, for links to it. */
export const languageNames: Readonly<Record<Language, string>> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };

/** The language as Open Graph writes it. */
export const openGraphLocales: Readonly<Record<Language, string>> = { nb: 'nb_NO', nn: 'nn_NO', en: 'en_GB' };

/** Whether the text is one of our languages. */
function isLanguage(text: string): text is Language {
  return (languages as readonly string[]).includes(text);
}

/** More than this of a header is not read. */
const longestHeader = 1_000;

/**
 * Chooses the language of a public page: the visitor's explicit choice, else the first of the browser's languages that we
 * speak, else the organisation's own. Plain Norwegian (`no`) means the organisation's, where that is Norwegian. Danish and
 * Swedish readers are given Norwegian rather than English. Safe on any header.
 */
export function chooseLanguage(input: {
  chosen: string | null;
  acceptLanguage: string | null;
  organisation: Language;
}): Language {
  const chosen = input.chosen?.toLowerCase() ?? '';
  if (isLanguage(chosen)) return chosen;
  const norwegian = input.organisation === 'en' ? 'nb' : input.organisation;
  for (const tag of preferences(input.acceptLanguage ?? '')) {
    const [primary = ''] = tag.split('-');
    if (isLanguage(primary)) return primary;
    if (primary === 'no' || primary === 'da' || primary === 'sv') return norwegian;
  }
  return input.organisation;
}

/** Language tags of an Accept-Language header, most wanted first; equal weights keep their order. */
function preferences(header: string): string[] {
  return header
    .slice(0, longestHeader)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const weight = parameters.map((parameter) => /^\s*q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)\s*$/.exec(parameter)?.[1]);
      return { tag: tag.trim(), weight: Number(weight.find((value) => value !== undefined) ?? 1) };
    })
    .filter(({ tag, weight }) => weight > 0 && /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/.test(tag))
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}
