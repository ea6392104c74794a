import type { WordKey } from '../../../say.ts';

type EffectName =
  | 'decisions'
  | 'grace'
  | 'codes'
  | 'pending'
  | 'clicks'
  | 'domains'
  | 'join'
  | 'notice'
  | 'mentors'
  | 'digest'
  | 'retention'
  | 'language'
  | 'zone';

interface Shared {
  /** Its field in the API's body, dots for what stands inside: `settings.rules.review`. */
  name: string;
  label: WordKey;
  help?: WordKey;
  /** What a change of it leads to, said before it is saved. */
  effect: `effect.${EffectName}`;
}
export type Setting = Shared &
  (
    | { kind: 'number'; least: number; most: number; unit: 'days' | 'hours' | 'minutes' | 'plain'; isOptional?: true }
    | { kind: 'choice'; options: readonly { value: string; label: WordKey }[] }
    | { kind: 'flag' }
    | { kind: 'text'; isOptional: boolean; wrong: WordKey; rows?: number; lang?: 'nb' | 'nn' | 'en'; places?: true }
    /** One a line. */
    | { kind: 'list'; wrong: WordKey }
  );

const days = { kind: 'number', unit: 'days' } as const;
const kept = { ...days, effect: 'effect.retention' } as const;
const choice = (name: string, values: readonly string[]) => ({
  kind: 'choice' as const,
  options: values.map((value) => ({ value, label: `${name}.${value}` as WordKey })),
});
const uses = choice('set.use', ['required', 'optional', 'hidden']);

/** Every setting that administrators change on this page, in its order. Limits are those of docs/settings.md. */
export const settingSections: readonly { key: WordKey; intro: WordKey; settings: readonly Setting[] }[] = [
  {
    key: 'rules.review',
    intro: 'rules.review.intro',
    settings: [
      {
        name: 'settings.rules.review',
        label: 'set.review',
        help: 'set.review.help',
        effect: 'effect.decisions',
        ...choice('set.review', ['off', 'flagged', 'all']),
      },
      {
        name: 'settings.rules.review_roles',
        label: 'set.roles',
        help: 'set.roles.help',
        effect: 'effect.decisions',
        ...choice('set.roles', ['coordinator', 'org_admin', 'coordinator,org_admin', 'coordinator,coordinator']),
      },
      {
        name: 'settings.rules.velocity_per_hour',
        label: 'set.velocity',
        help: 'set.velocity.help',
        effect: 'effect.decisions',
        kind: 'number',
        unit: 'plain',
        least: 1,
        most: 100_000,
      },
      {
        name: 'settings.rules.review_code_order',
        label: 'set.codeOrder',
        help: 'set.codeOrder.help',
        effect: 'effect.decisions',
        kind: 'flag',
      },
    ],
  },
  {
    key: 'rules.credit',
    intro: 'rules.credit.intro',
    settings: [
      {
        ...days,
        name: 'settings.rules.rotated_grace_days',
        label: 'set.rotatedGrace',
        help: 'set.rotatedGrace.help',
        effect: 'effect.grace',
        least: 0,
        most: 3_650,
      },
      {
        ...days,
        name: 'settings.rules.invalidated_grace_days',
        label: 'set.invalidatedGrace',
        help: 'set.invalidatedGrace.help',
        effect: 'effect.grace',
        least: 0,
        most: 3_650,
      },
      {
        ...days,
        name: 'settings.codes.lifetime_days',
        label: 'set.lifetime',
        help: 'set.lifetime.help',
        effect: 'effect.codes',
        least: 1,
        most: 3_650,
        isOptional: true,
      },
      {
        ...days,
        name: 'settings.rules.pending_days',
        label: 'set.pending',
        help: 'set.pending.help',
        effect: 'effect.pending',
        least: 1,
        most: 3_650,
      },
      {
        ...days,
        name: 'settings.rules.rejoin_gap_days',
        label: 'set.rejoin',
        help: 'set.rejoin.help',
        effect: 'effect.decisions',
        least: 0,
        most: 3_650,
      },
      {
        name: 'settings.rules.excluded_membership_types',
        label: 'set.excluded',
        help: 'set.excluded.help',
        effect: 'effect.decisions',
        kind: 'list',
        wrong: 'wrong.list',
      },
    ],
  },
  {
    key: 'rules.clicks',
    intro: 'rules.clicks.intro',
    settings: [
      {
        name: 'settings.clicks.match_window_hours',
        label: 'set.matchWindow',
        help: 'set.matchWindow.help',
        effect: 'effect.clicks',
        kind: 'number',
        unit: 'hours',
        least: 1,
        most: 720,
      },
      {
        name: 'settings.clicks.match_mode',
        label: 'set.matchMode',
        effect: 'effect.clicks',
        ...choice('set.matchMode', ['last', 'first']),
      },
      {
        name: 'settings.clicks.duplicate_window_minutes',
        label: 'set.duplicate',
        help: 'set.duplicate.help',
        effect: 'effect.clicks',
        kind: 'number',
        unit: 'minutes',
        least: 0,
        most: 1_440,
      },
    ],
  },
  {
    key: 'rules.links',
    intro: 'rules.links.intro',
    settings: [
      {
        name: 'link_domains',
        label: 'set.domains',
        help: 'set.domains.help',
        effect: 'effect.domains',
        kind: 'list',
        wrong: 'wrong.domains',
      },
      {
        name: 'join_url_template',
        label: 'set.joinUrl',
        help: 'set.joinUrl.help',
        effect: 'effect.join',
        kind: 'text',
        isOptional: true,
        wrong: 'wrong.joinUrl',
        places: true,
      },
      {
        name: 'settings.join_form.is_shown',
        label: 'set.form',
        help: 'set.form.help',
        effect: 'effect.join',
        kind: 'flag',
      },
      { name: 'settings.join_form.name', label: 'set.formName', effect: 'effect.join', ...uses },
      { name: 'settings.join_form.phone', label: 'set.formPhone', effect: 'effect.join', ...uses },
      { name: 'settings.join_form.email', label: 'set.formEmail', effect: 'effect.join', ...uses },
      {
        name: 'settings.join_form.without_code_url',
        label: 'set.withoutCode',
        help: 'set.withoutCode.help',
        effect: 'effect.join',
        kind: 'text',
        isOptional: true,
        wrong: 'wrong.url',
      },
    ],
  },
  {
    key: 'rules.notice',
    intro: 'rules.notice.intro',
    settings: [
      ...(['nb', 'nn', 'en'] as const).map((lang) => ({
        name: `settings.notice.text.${lang}`,
        label: `set.notice.${lang}` as const,
        effect: 'effect.notice' as const,
        kind: 'text' as const,
        isOptional: true,
        wrong: 'wrong.text' as const,
        rows: 3,
        lang,
      })),
      {
        name: 'settings.notice.version',
        label: 'set.noticeVersion',
        help: 'set.noticeVersion.help',
        effect: 'effect.notice',
        kind: 'text',
        isOptional: false,
        wrong: 'wrong.version',
      },
      {
        name: 'settings.notice.privacy_url',
        label: 'set.privacyUrl',
        help: 'set.privacyUrl.help',
        effect: 'effect.join',
        kind: 'text',
        isOptional: true,
        wrong: 'wrong.url',
      },
    ],
  },
  {
    key: 'rules.people',
    intro: 'rules.people.intro',
    settings: [
      {
        name: 'settings.mentors.figures',
        label: 'set.figures',
        help: 'set.figures.help',
        effect: 'effect.mentors',
        ...choice('set.figures', ['daily', 'live']),
      },
      {
        name: 'settings.mentors.has_leaderboard',
        label: 'set.leaderboard',
        help: 'set.leaderboard.help',
        effect: 'effect.mentors',
        kind: 'flag',
      },
      {
        name: 'settings.digest.mail_to',
        label: 'set.mailTo',
        help: 'set.mailTo.help',
        effect: 'effect.digest',
        kind: 'list',
        wrong: 'wrong.mailTo',
      },
      {
        name: 'settings.share.facebook_app_id',
        label: 'set.facebook',
        help: 'set.facebook.help',
        effect: 'effect.mentors',
        kind: 'text',
        isOptional: true,
        wrong: 'wrong.facebook',
      },
      {
        name: 'locale',
        label: 'set.language',
        help: 'set.language.help',
        effect: 'effect.language',
        ...choice('set.language', ['nb', 'nn', 'en']),
      },
      {
        name: 'time_zone',
        label: 'set.zone',
        help: 'set.zone.help',
        effect: 'effect.zone',
        kind: 'text',
        isOptional: false,
        wrong: 'wrong.zone',
      },
    ],
  },
  {
    key: 'rules.retention',
    intro: 'rules.retention.intro',
    settings: [
      {
        ...kept,
        name: 'settings.retention.click_days',
        label: 'set.clickDays',
        help: 'set.clickDays.help',
        least: 2,
        most: 800,
      },
      {
        ...kept,
        name: 'settings.retention.contact_days',
        label: 'set.contactDays',
        help: 'set.contactDays.help',
        least: 1,
        most: 90,
      },
      { ...kept, name: 'settings.retention.processed_body_days', label: 'set.processedDays', least: 0, most: 90 },
      { ...kept, name: 'settings.retention.other_body_days', label: 'set.otherDays', least: 1, most: 365 },
      { ...kept, name: 'settings.retention.delivery_days', label: 'set.deliveryDays', least: 30, most: 3_650 },
      {
        ...kept,
        name: 'settings.retention.audit_payload_days',
        label: 'set.auditDays',
        help: 'set.auditDays.help',
        least: 365,
        most: 3_650,
      },
      {
        ...kept,
        name: 'settings.retention.left_mentor_days',
        label: 'set.leftDays',
        help: 'set.leftDays.help',
        least: 0,
        most: 3_650,
      },
    ],
  },
];

export const everySetting: readonly Setting[] = settingSections.flatMap(({ settings }) => settings);
