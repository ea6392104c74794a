import type { WordKey } from '../../../say.ts';

/** What becomes of what is held when a person is erased (docs/privacy.md). */
export type Fate = 'deleted' | 'emptied' | 'stays' | 'waits';

const member: Readonly<Record<string, Fate>> = {
  sources: 'emptied',
  registration_contacts: 'deleted',
  click_tokens: 'deleted',
  referral_attributions: 'emptied',
  attribution_facts: 'emptied',
  inbound_messages: 'emptied',
  reviews: 'emptied',
  inbox_items: 'emptied',
  claims: 'emptied',
  review_approvals: 'stays',
  referral_events: 'stays',
  mentors: 'stays',
  audit_payloads: 'stays',
  erasures: 'stays',
  imports: 'waits',
};
const mentor: Readonly<Record<string, Fate>> = {
  mentors: 'emptied',
  roles: 'deleted',
  sign_in_addresses: 'deleted',
  sign_in_links: 'deleted',
  sign_in_sessions: 'deleted',
  claims: 'emptied',
  attribution_facts: 'emptied',
  audit_payloads: 'emptied',
  referral_codes: 'stays',
  shares: 'stays',
  referral_attributions: 'stays',
  mentor_totals: 'stays',
  milestone_awards: 'stays',
  earned_badges: 'stays',
  reviews: 'stays',
  inbox_items: 'stays',
  referral_events: 'stays',
  erasures: 'stays',
};
const fates = { member, mentor };
const labelled: ReadonlySet<string> = new Set([...Object.keys(member), ...Object.keys(mentor)]);

export interface HeldRow {
  table: string;
  /** null = a table that has no words here; its own name stands for it. */
  label: WordKey | null;
  count: number;
  fate: Fate | null;
}

/** The tables that hold something about a person, what is deleted first and what stays last. */
export function describeHeld(kind: 'member' | 'mentor', rows: Readonly<Record<string, number>>): HeldRow[] {
  const order: (Fate | null)[] = ['deleted', 'emptied', 'waits', 'stays', null];
  return Object.entries(rows)
    .map(([table, count]) => ({
      table,
      label: labelled.has(table) ? (`held.${table}` as WordKey) : null,
      count,
      fate: fates[kind][table] ?? null,
    }))
    .sort((one, other) => order.indexOf(one.fate) - order.indexOf(other.fate));
}
