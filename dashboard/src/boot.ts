/** What the server told with the page (src/http/dashboard/shell.ts): who and where one is. */
export interface Boot {
  organisation: {
    id: string;
    slug: string;
    name: string;
    logoUrl: string | null;
    timeZone: string;
    mentorFigures: 'daily' | 'live';
    hasLinkDomain: boolean;
    joinUrl: string | null;
    graceDays: { rotated: number; invalidated: number };
  };
  language: Language;
  terms: Record<string, string>;
  theme: 'light' | 'dark' | 'system';
  newestEventId: string | null;
  person: { mentorId: string | null; name: string | null; roles: { role: string; branchId: string | null }[] };
}

export type Language = 'nb' | 'nn' | 'en';

export const boot = JSON.parse(document.getElementById('boot')?.textContent ?? '{}') as Boot;

const holds = (...roles: string[]) => boot.person.roles.some(({ role }) => roles.includes(role));
/** Sees cases and reports. */
export const isCoordinator = holds('coordinator', 'org_admin');
/** Sees administration. */
export const isAdmin = holds('org_admin');
export const isMentor = boot.person.mentorId !== null;
/** Where the organisation's addresses begin. */
export const home = `/app/${boot.organisation.slug}`;
