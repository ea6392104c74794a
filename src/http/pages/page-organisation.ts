import type { App } from '../../engine/links/apps.ts';
import type { Language } from '../../engine/words/language.ts';
import type { Terms } from '../../engine/words/terms.ts';
import { type Say, type Sentences, speak } from '../../engine/words/words.ts';

/** Whether a field of the form is asked for. */
export type FieldChoice = 'required' | 'optional' | 'hidden';

/** What the public pages know about an organisation: nothing that is not public. */
export interface PageOrganisation {
  slug: string;
  name: string;
  language: Language;
  terms: Terms;
  sentences: Sentences;
  /** `#rrggbb`; null = none chosen. */
  colour: string | null;
  /** Address of the logo on our own host; null = none. */
  logoUrl: string | null;
  /** Address of the privacy notice; null = none given. */
  privacyUrl: string | null;
  /** Version of the notice that a visitor agrees to; null = none given. */
  noticeVersion: string | null;
  /** What the organisation tells besides; a language that is left out has nothing. */
  noticeText: Readonly<Partial<Record<Language, string>>>;
  apps: readonly App[];
  fields: Readonly<Record<'name' | 'phone' | 'email', FieldChoice>>;
}

/** What every view is given. */
export interface PageContext {
  /** null = a page that belongs to no organisation. */
  organisation: PageOrganisation | null;
  language: Language;
  say: Say;
  /** Our own addresses of style and preview picture. */
  styleUrl: string;
  /** Absolute address of the page without query; null = the page has no preview. */
  pageUrl: string | null;
  /** Absolute address of the preview picture; null = none. */
  pictureUrl: string | null;
  /** The same page in another language, as a query to the page's own path. */
  languageQuery(language: Language): string;
}

/** What was posted, to be posted again; null = there is nothing to keep. */
export type KeptForm = { action: string; fields: readonly (readonly [name: string, value: string])[] } | null;

/** The function that says things on a page of this organisation, or of none. */
export function sayFor(organisation: PageOrganisation | null, language: Language): Say {
  return speak({
    language,
    org: organisation?.name ?? neutralName[language],
    ...(organisation === null ? {} : { terms: organisation.terms, sentences: organisation.sentences }),
  });
}

/** What stands for the organisation's name on a page that belongs to none (contract-and-screens.md, onboarding). */
const neutralName: Readonly<Record<Language, string>> = {
  nb: 'organisasjonen',
  nn: 'organisasjonen',
  en: 'the organisation',
};
