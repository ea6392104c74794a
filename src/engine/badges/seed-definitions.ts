import type { Session } from '../database.ts';
import { toUuid } from '../encode-bytes.ts';
import { type DefinitionRow, seedDefinitions } from './repository.ts';

/** The badges that every organisation starts with (spec §2.9). */
const SEEDED_THRESHOLDS = [1, 5, 10, 25] as const;

type Locale = 'nb' | 'nn' | 'en';

const WORDS: Readonly<Record<Locale, { name: string; one: string; many: (count: string) => string }>> = {
  nb: { name: 'Verver', one: 'Har vervet sitt første medlem.', many: (count) => `Har vervet ${count} nye medlemmer.` },
  nn: {
    name: 'Vervar',
    one: 'Har verva den første medlemen sin.',
    many: (count) => `Har verva ${count} nye medlemmer.`,
  },
  en: {
    name: 'Recruiter',
    one: 'Has recruited a first member.',
    many: (count) => `Has recruited ${count} new members.`,
  },
};
const NUMBERS: Readonly<Record<Locale, Readonly<Record<number, string>>>> = {
  nb: { 5: 'fem', 10: 'ti', 25: '25' },
  nn: { 5: 'fem', 10: 'ti', 25: '25' },
  en: { 5: 'five', 10: 'ten', 25: '25' },
};

/**
 * Gives an organisation its first badges, named in its language. Their ids follow from the organisation's, so seeding
 * again, or restoring the organisation elsewhere, gives the same badges. Safe to repeat: what an administrator has
 * changed or archived stays so.
 */
export async function seedBadges(session: Session, locale: string): Promise<void> {
  const words: Locale = locale === 'nn' || locale === 'en' ? locale : 'nb';
  await seedDefinitions(
    session,
    await Promise.all(SEEDED_THRESHOLDS.map((threshold) => seedOf(session.orgId, threshold, words))),
  );
}

/** The id of a seeded badge: random in form, but always the same for this organisation and threshold. */
export async function seededBadgeId(orgId: string, threshold: number): Promise<string> {
  const text = new TextEncoder().encode(`verve/badge/${orgId.toLowerCase()}/recruits_${threshold}`);
  return toUuid(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}

async function seedOf(orgId: string, threshold: number, locale: Locale): Promise<DefinitionRow> {
  const { name, one, many } = WORDS[locale];
  return {
    badgeDefinitionId: await seededBadgeId(orgId, threshold),
    name: `${name} – ${threshold}`,
    iconKey: `recruits_${threshold}`,
    criteriaValue: threshold,
    description: threshold === 1 ? one : many(NUMBERS[locale][threshold] ?? String(threshold)),
  };
}
