import { z } from 'zod';
import { isHexColour } from '../brand/colour.ts';
import { appsSchema } from '../links/apps.ts';
import { checkJoinTemplate } from '../links/join-target.ts';
import { isHostName } from '../links/link-domain.ts';
import { languages } from '../words/language.ts';
import { termsSchema } from '../words/terms.ts';
import { sentencesSchema } from '../words/words.ts';

/** How an organisation looks and speaks. */
export const brandSchema = z.strictObject({
  /** The colour from which every tone is mixed, `#rrggbb`; null = neutral. */
  colour: z.string().refine(isHexColour, 'must be written #rrggbb').nullable().default(null),
  /** Its own sentences in place of the built-in ones. */
  sentences: sentencesSchema.default({}),
});
export type Brand = z.output<typeof brandSchema>;

const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/Oslo');
const host = z.string().trim().toLowerCase().refine(isHostName, 'must be a host name, such as verv.example.no');

/** How a slug is spelt. */
export const slugForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A word for addresses: lower-case letters, digits and hyphens. `sign-in` is the dashboard's own. */
export const slugSchema = z
  .string()
  .regex(/^(?!sign-in$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'must be a-z, 0-9 and hyphens, and not sign-in');

/** What an organisation is called and where its links lead; every part can be changed by itself. */
export const profileSchema = z.strictObject({
  slug: slugSchema,
  name: z.string().trim().min(1).max(200),
  /** The language of its pages. (Default: nb) */
  locale: z.enum(languages),
  /** The zone of its days. (Default: Europe/Oslo) */
  timeZone,
  /** Its own words for mentor, four forms in each language. */
  terms: termsSchema,
  brand: brandSchema,
  /** Its own join page, https, with `{code}` and perhaps `{registration_ref}`; null = none. */
  joinUrlTemplate: z.string().max(2_000).nullable(),
  /** The hosts that links may stand on; the first is the one that new links are made on. */
  linkDomains: z.array(host).max(20),
  appIds: appsSchema,
});
export type Profile = z.output<typeof profileSchema>;

/** What is wrong with a join template beside the link domains, or null = nothing. */
export function joinTemplateFault(profile: Pick<Profile, 'joinUrlTemplate' | 'linkDomains'>): string | null {
  if (profile.joinUrlTemplate === null) return null;
  const check = checkJoinTemplate(profile.joinUrlTemplate, profile.linkDomains);
  return check.outcome === 'good' ? null : check.reason;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z][A-Za-z0-9_+/-]+$/.test(name);
  } catch {
    return false;
  }
}
