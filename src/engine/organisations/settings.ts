import { z } from 'zod';
import { ruleSettingsSchema } from '../attributions/rule-settings.ts';
import { VerveError } from '../errors.ts';
import { dataverseSettings } from './dataverse-settings.ts';
import { localised, wholeNumber } from './setting-types.ts';

const clickSettings = z.strictObject({
  /** Hours before a registration without code in which a click with the same token matches it. (Default: 72; at most 720) */
  matchWindowHours: wholeNumber(1, 720).default(72),
  /** Which of several such clicks decides. (Default: last) */
  matchMode: z.enum(['last', 'first']).default('last'),
  /** Minutes within which the same token and code is the same click. (Default: 5) */
  duplicateWindowMinutes: wholeNumber(0, 1_440).default(5),
});

const retentionSettings = z.strictObject({
  /** Days that single clicks are kept; the counts of each day stay. (Default: 90; longer than the match window) */
  clickDays: wholeNumber(2, 800).default(90),
  /** Days that the encrypted body of a processed delivery is kept. (Default: 7) */
  processedBodyDays: wholeNumber(0, 90).default(7),
  /** Days that the encrypted body of any other delivery is kept. (Default: 30) */
  otherBodyDays: wholeNumber(1, 365).default(30),
  /** Days that contact data from the sign-up form waits to be handed over. (Default: 30) */
  contactDays: wholeNumber(1, 90).default(30),
  /** Days that the record of deliveries, in and out, is kept after its body is gone. (Default: 760) */
  deliveryDays: wholeNumber(30, 3_650).default(760),
  /** Days that the private part of the audit log is kept. (Default: 1,825) */
  auditPayloadDays: wholeNumber(365, 3_650).default(1_825),
  /** Days after a mentor has left until name, account, member id and device are erased; credits stay. (Default: 730) */
  leftMentorDays: wholeNumber(0, 3_650).default(730),
});

const fieldUse = z.enum(['required', 'optional', 'hidden']);

const joinFormSettings = z.strictObject({
  /** Whether the join page shows a form; without one it hands over to the organisation's own page. (Default: true) */
  isShown: z.boolean().default(true),
  /** Whether the form asks for the name, and must have it. (Default: required) */
  name: fieldUse.default('required'),
  /** The same for the mobile number. (Default: optional) */
  phone: fieldUse.default('optional'),
  /** The same for the e-mail address. (Default: required) */
  email: fieldUse.default('required'),
  /** Where a person joins whose code has ended; null = the organisation's own join page without a code, else our form. (Default: null) */
  withoutCodeUrl: z
    .url({ protocol: /^https$/ })
    .max(500)
    .nullable()
    .default(null),
});

const noticeSettings = z.strictObject({
  /** What a person is told before joining, beside the built-in notice. (Default: nothing more) */
  text: localised(2_000).default({}),
  /** The version that a registration records. Change it with the text. (Default: 1) */
  version: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/)
    .default('1'),
  /** The organisation's privacy page; null = none yet. */
  privacyUrl: z
    .url({ protocol: /^https$/ })
    .max(500)
    .nullable()
    .default(null),
});

const shareSettings = z.strictObject({
  /** The organisation's app id at Facebook, by which Messenger opens on computers; null = none, Messenger on phones only. (Default: null) */
  facebookAppId: z
    .string()
    .regex(/^[0-9]{5,20}$/, 'must be the digits of a Facebook app id')
    .nullable()
    .default(null),
});

const digestSettings = z.strictObject({
  /** Addresses that get a letter on working days when the inbox waits: counts only, nothing of any case. At most 50. (Default: none) */
  mailTo: z.array(z.email().max(254)).max(50).default([]),
});

const mentorSettings = z.strictObject({
  /** When a mentor's own figures change: at 06:00, or at once where the notice text says so. (Default: daily) */
  figures: z.enum(['daily', 'live']).default('daily'),
  /** Whether mentors who agree are ranked. (Default: false) */
  hasLeaderboard: z.boolean().default(false),
});

const codeSettings = z.strictObject({
  /** Days that a new code lives; null = for ever. (Default: null) */
  lifetimeDays: wholeNumber(1, 3_650).nullable().default(null),
});

/** Where a setting without value takes it from: the section's own defaults. */
const section = <Schema extends z.ZodType<object>>(schema: Schema) => schema.prefault({} as z.input<Schema>);

/**
 * Every setting of an organisation, with its default. What is stored is only what was chosen; unknown keys are refused.
 * A noun that needs a setting adds it here, in its section.
 */
export const settingsSchema = z
  .strictObject({
    codes: section(codeSettings),
    clicks: section(clickSettings),
    /** The rules of credit: review, grace, velocity, counted models. */
    rules: section(ruleSettingsSchema),
    mentors: section(mentorSettings),
    share: section(shareSettings),
    /** Who is told that the inbox waits. */
    digest: section(digestSettings),
    joinForm: section(joinFormSettings),
    notice: section(noticeSettings),
    retention: section(retentionSettings),
    /** The membership system, where it is Dataverse; null = it is not. (Default: null) */
    dataverse: dataverseSettings.nullable().default(null),
  })
  .refine((settings) => settings.retention.clickDays * 24 > settings.clicks.matchWindowHours, {
    path: ['clicks', 'matchWindowHours'],
    error: 'must be shorter than the days that clicks are kept',
  });

/** All settings of an organisation, defaults filled in. */
export type OrganisationSettings = z.output<typeof settingsSchema>;
/** The settings that an organisation chose. */
export type ChosenSettings = z.input<typeof settingsSchema>;

/** A change of settings: what is left out stays, null goes back to the default. */
export type SettingsChange = {
  [Section in keyof ChosenSettings]?:
    | { [Key in keyof NonNullable<ChosenSettings[Section]>]?: NonNullable<ChosenSettings[Section]>[Key] | null }
    | null
    | undefined;
};

/** Reads stored settings, defaults filled in. Settings that no longer fit are a fault, not a guess: throws a ZodError. */
export function readSettings(stored: unknown): OrganisationSettings {
  return settingsSchema.parse(stored);
}

/**
 * Lays a change over what is stored: sections key by key, lists as a whole, `null` in place of a section or a value goes
 * back to the default. Refuses unknown keys and wrong values with `invalid_request`. With `replacesSections` nothing is kept
 * of a section that is given.
 */
export function changeSettings(stored: unknown, change: unknown, { replacesSections = false } = {}): ChosenSettings {
  const given = replacesSections && isObject(change) ? Object.keys(change) : [];
  const kept = layOver(stored, Object.fromEntries(given.map((section) => [section, null])));
  const chosen = layOver(kept, change) as ChosenSettings;
  const checked = settingsSchema.safeParse(chosen);
  if (checked.success) return chosen;
  throw new VerveError('invalid_request', 'A setting was refused.', {
    fields: checked.error.issues.map((issue) => ({
      field: ['settings', ...issue.path].join('.') + (issue.code === 'unrecognized_keys' ? '.*' : ''),
      message: issue.code === 'unrecognized_keys' ? 'holds a key that is no setting' : issue.message,
    })),
  });
}

function layOver(stored: unknown, change: unknown): unknown {
  if (!isObject(change)) return change;
  const result: Record<string, unknown> = isObject(stored) ? { ...stored } : {};
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? layOver(result[key], value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
