/** The screens of administration, in the order of the menu. */
export const adminEntries = [
  { to: '/admin/people', key: 'nav.admin.people' },
  { to: '/admin/branches', key: 'nav.admin.branches' },
  { to: '/admin/brand', key: 'nav.admin.brand' },
  { to: '/admin/rules', key: 'nav.admin.rules' },
  { to: '/admin/badges', key: 'nav.admin.badges' },
  { to: '/admin/connections', key: 'connections.title' },
  { to: '/admin/connections/keys', key: 'keys.title' },
  { to: '/admin/mentor-import', key: 'nav.admin.mentorImport' },
  { to: '/admin/import', key: 'nav.admin.import' },
  { to: '/admin/audit', key: 'nav.admin.audit' },
  { to: '/admin/privacy', key: 'nav.admin.privacy' },
] as const;

/** How the menu marks an entry: its page, or one below it. */
export function currentOf(to: string, path: string): 'page' | 'true' | undefined {
  if (path === to) return 'page';
  if (to === '/admin/privacy' && path === '/admin/off-boarding') return 'true';
  return to === '/admin/connections' && path.startsWith(`${to}/endpoints/`) ? 'true' : undefined;
}
