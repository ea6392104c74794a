import type { Pool } from 'pg';
import { openDatabase } from '../../engine/database.ts';
import { type Organisation, toOrganisation } from '../../engine/organisations/organisation.ts';
import { joinTemplateFault } from '../../engine/organisations/profile.ts';
import { findOrganisation, listOrganisationIds } from '../../engine/organisations/repository.ts';
import { type ReadingStanding, readReadingStanding } from './organisations-repository.ts';
import { found, type Problem, problem } from './problem.ts';

const SOON_MS = 30 * 86_400_000;
const CHANGE = 'PATCH /api/v1/organisations/{id}';

/** What every organisation lacks for its links, pages and its membership system. */
export async function checkOrganisations(
  pool: Pool,
  { now, hasMail }: { now: () => number; hasMail: boolean },
): Promise<Problem[]> {
  const database = openDatabase({ pool });
  const problems: Problem[] = [];
  for (const orgId of await database.transaction({ role: 'none' }, (session) => listOrganisationIds(session, null))) {
    const { row, reading } = await database.transaction({ role: 'verve_engine', orgId }, async (session) => ({
      row: await findOrganisation(session),
      reading: await readReadingStanding(session),
    }));
    if (row === null) continue; // left in the meantime
    try {
      problems.push(...judge(toOrganisation(row), reading, { now: now(), hasMail }));
    } catch {
      const mend = `Set them anew as the owner: update verve.organisations set settings = '{}' where slug = '${row.slug}';`;
      problems.push(problem('settings_unreadable', `The settings of ${row.slug} do not fit this version.`, mend));
    }
  }
  return problems;
}

function judge(
  organisation: Organisation,
  reading: ReadingStanding,
  { now, hasMail }: { now: number; hasMail: boolean },
): Problem[] {
  const { slug, linkDomains, joinUrlTemplate, settings } = organisation;
  const fault = joinTemplateFault(organisation);
  const isRead = settings.dataverse !== null && settings.dataverse.tenantId !== null;
  const setSecret = `verve dataverse secret --organisation ${slug}`;
  const expiresAt = reading.secretExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return found([
    linkDomains.length === 0 &&
      problem(
        'organisation_without_link_domain',
        `${slug} has no link domain.`,
        `verve organisation link-domains verv.example.no --organisation ${slug}, with a host that leads to this server.`,
      ),
    fault !== null &&
      problem(
        'join_page_refused',
        `The join page of ${slug} is refused (${fault}).`,
        `${CHANGE} {"join_url_template": "https://…{code}"} on one of its link domains.`,
      ),
    joinUrlTemplate === null &&
      !settings.joinForm.isShown &&
      problem(
        'nowhere_to_join',
        `${slug} shows no form and has no join page.`,
        `${CHANGE} with a join_url_template, or settings.joinForm.isShown = true.`,
      ),
    !hasMail &&
      settings.digest.mailTo.length > 0 &&
      problem(
        'digest_without_mail',
        `${slug} has addresses for the digest of its inbox, and no mail server is configured.`,
        'Set VERVE_SMTP_URL and VERVE_MAIL_FROM, or empty the setting digest.mailTo.',
      ),
    isRead &&
      !reading.hasSecret &&
      problem(
        'dataverse_secret_missing',
        `The client secret of ${slug}’s Dataverse is missing or has expired.`,
        setSecret,
      ),
    isRead &&
      reading.hasSecret &&
      expiresAt - now < SOON_MS &&
      problem(
        'dataverse_secret_expires',
        `The client secret of ${slug}’s Dataverse ends on ${new Date(expiresAt).toISOString().slice(0, 10)}.`,
        setSecret,
      ),
    reading.lastStatus === 'failed' &&
      problem(
        'reconciliation_failed',
        `The last reconciliation of ${slug} failed (${reading.lastError}).`,
        `verve dataverse check --organisation ${slug}`,
      ),
  ]);
}
