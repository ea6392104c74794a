/** The screens of administration, in the order of the menu. */
export const adminEntries = [
  { to: '/admin/people', key: 'nav.admin.people' },
  { to: '/admin/connections/keys', key: 'keys.title' },
] as const;
