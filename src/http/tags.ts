/** The nouns of the contract, in the order of the documentation. */
export const tags = {
  'Referral codes': 'The string that stands for one mentor in one organisation.',
  Attributions: 'Who recruited this member: clicks and conversions.',
  Registrations: 'The sign-up form was submitted.',
  'Membership webhook': 'What the membership system says, signed.',
  Claims: '“I forgot to say who recruited me.”',
  Inbox: 'What needs a person.',
  Reports: 'Figures of an organisation, a branch, a mentor.',
  Badges: 'Milestones, badge definitions and earned badges.',
  Webhooks: 'Events out: endpoints, deliveries, replay, stream.',
  Organisations: 'The tenant: profile, words, settings, secrets, keys.',
  People: 'Mentors, branches, roles, and who I am.',
  Links: 'Every link form ever documented, parsed.',
  Privacy: 'Export and erasure of one person; the audit log.',
} as const;
export type Tag = keyof typeof tags;
