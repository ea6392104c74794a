import type { Session } from '../database.ts';
import type { Position } from '../paging.ts';

/** An organisation as stored; its settings are those that were chosen. */
export interface OrganisationRow {
  orgId: string;
  slug: string;
  name: string;
  locale: 'nb' | 'nn' | 'en';
  timeZone: string;
  settings: unknown;
  terms: unknown;
  brand: unknown;
  logoType: string | null; // null = no logo
  joinUrlTemplate: string | null;
  linkDomains: string[];
  appIds: unknown;
  createdAt: Date;
  updatedAt: Date;
  offboardedAt: Date | null;
}

const columns = `organisations.id as "orgId", organisations.slug, organisations.name, organisations.locale,
  organisations.time_zone as "timeZone", organisations.settings, organisations.terms, organisations.brand,
  organisations.logo_type as "logoType", organisations.join_url_template as "joinUrlTemplate",
  organisations.link_domains as "linkDomains", organisations.app_ids as "appIds", organisations.created_at as "createdAt",
  organisations.updated_at as "updatedAt", organisations.offboarded_at as "offboardedAt"`;

/** Stores a new organisation under the session's id. False = the id or the slug is taken; nothing is written then. */
export async function insertOrganisation(
  session: Session,
  row: { slug: string; name: string; locale: string; timeZone: string },
): Promise<boolean> {
  const inserted = await session.query(
    `insert into verve.organisations (id, slug, name, locale, time_zone) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning id`,
    [session.orgId, row.slug, row.name, row.locale, row.timeZone],
  );
  return inserted.length === 1;
}

/** The organisation of the session, or null = there is none under that id. */
export async function findOrganisation(session: Session): Promise<OrganisationRow | null> {
  const rows = await session.query<OrganisationRow>(
    `select ${columns} from verve.organisations where organisations.id = $1`,
    [session.orgId],
    'organisations_find',
  );
  return rows[0] ?? null;
}

/** The organisation of the session, its row locked until the transaction ends. */
export async function lockOrganisation(session: Session): Promise<OrganisationRow | null> {
  const rows = await session.query<OrganisationRow>(
    `select ${columns} from verve.organisations where organisations.id = $1 for no key update`,
    [session.orgId],
  );
  return rows[0] ?? null;
}

/** Writes every changeable column. */
export async function updateOrganisation(session: Session, row: OrganisationRow): Promise<OrganisationRow> {
  const rows = await session.query<OrganisationRow>(
    `update verve.organisations set slug = $2, name = $3, locale = $4, time_zone = $5, settings = $6, terms = $7, brand = $8,
      join_url_template = $9, link_domains = $10, app_ids = $11, updated_at = verve.clock()
    where organisations.id = $1 returning ${columns}`,
    [
      session.orgId,
      row.slug,
      row.name,
      row.locale,
      row.timeZone,
      JSON.stringify(row.settings),
      JSON.stringify(row.terms),
      JSON.stringify(row.brand),
      row.joinUrlTemplate,
      row.linkDomains,
      JSON.stringify(row.appIds),
    ],
  );
  return rows[0] as OrganisationRow;
}

/** Stores or (null) takes away the logo. */
export async function updateLogo(session: Session, logo: { bytes: Uint8Array; type: string } | null): Promise<void> {
  await session.query(
    'update verve.organisations set logo = $2, logo_type = $3, updated_at = verve.clock() where organisations.id = $1',
    [session.orgId, logo?.bytes ?? null, logo?.type ?? null],
  );
}

/** The logo, or null = none. */
export async function findLogo(session: Session): Promise<{ bytes: Uint8Array; type: string } | null> {
  const rows = await session.query<{ bytes: Uint8Array; type: string }>(
    `select organisations.logo as bytes, organisations.logo_type as type from verve.organisations
    where organisations.id = $1 and organisations.logo is not null`,
    [session.orgId],
  );
  return rows[0] ?? null;
}

/** The id of the organisation with this slug, or null. Works before the organisation is known. */
export async function findOrganisationIdBySlug(session: Session, slug: string): Promise<string | null> {
  const rows = await session.query<{ id: string | null }>('select verve_private.find_organisation_by_slug($1) as id', [
    slug,
  ]);
  return rows[0]?.id ?? null;
}

/** The id of the only organisation that lists this host, or null. Works before the organisation is known. */
export async function findOrganisationIdByHost(session: Session, host: string): Promise<string | null> {
  const rows = await session.query<{ id: string | null }>('select verve_private.find_organisation_by_host($1) as id', [
    host,
  ]);
  return rows[0]?.id ?? null;
}

/** The ids of the organisations that have not left, newest first: all, or a page. */
export async function listOrganisationIds(
  session: Session,
  page: { after: Position | null; limit: number } | null,
): Promise<string[]> {
  const rows = await session.query<{ id: string }>('select verve_private.organisation_ids($1, $2, $3) as id', [
    page?.after?.createdAt ?? null,
    page?.after?.id ?? null,
    page?.limit ?? null,
  ]);
  return rows.map((row) => row.id);
}
