import type { Database } from '../database.ts';

/** What a link's code says in the database at one moment. */
export interface LinkRow {
  code: string;
  codeId: string;
  orgId: string;
  mentorId: string | null; // null = the code's owner is no mentor
  status: 'active' | 'rotated' | 'invalidated';
  expiresAt: Date | null; // null = no lifetime
  readAt: Date;
  joinUrlTemplate: string | null; // null = the organisation has no join page of its own
  linkDomains: string[];
  duplicateWindowMinutes: number;
}

/** Which organisation holds each of these codes; unknown ones are left out. */
export function findCodeIds(
  database: Database,
  codes: readonly string[],
): Promise<{ code: string; orgId: string; codeId: string }[]> {
  return database.transaction({ role: 'none' }, (session) =>
    session.query(
      `select wanted.code, found.org_id as "orgId", found.code_id as "codeId"
       from unnest($1::text[]) as wanted (code) cross join lateral verve_private.find_code(wanted.code) as found`,
      [codes],
      'verve_find_codes',
    ),
  );
}

/** The links of one organisation's codes. */
export function readLinks(database: Database, orgId: string, codeIds: readonly string[]): Promise<LinkRow[]> {
  return database.transaction({ role: 'verve_engine', orgId }, (session) =>
    session.query<LinkRow>(
      `select codes.code, codes.id as "codeId", codes.org_id as "orgId", codes.mentor_id as "mentorId", codes.status, codes.expires_at as "expiresAt",
         verve.clock() as "readAt", organisations.join_url_template as "joinUrlTemplate",
         organisations.link_domains as "linkDomains",
         coalesce((organisations.settings #>> '{clicks,duplicateWindowMinutes}')::int, 5) as "duplicateWindowMinutes"
       from verve.referral_codes as codes join verve.organisations on organisations.id = codes.org_id
       where codes.id = any ($1::uuid[])`,
      [codeIds],
      'verve_read_links',
    ),
  );
}
