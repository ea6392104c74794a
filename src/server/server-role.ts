import type { CatalogReader } from './catalog-repository.ts';
import { APP_ROLE, SCOPE_ROLES } from './migrate.ts';
import { readServerRole } from './server-role-repository.ts';

const OLDEST_POSTGRES = 150_000;

/**
 * Checks that the server's connection is behind row-level security like everybody else: neither superuser nor owner,
 * without bypassrls, able to become the roles of a transaction; and that PostgreSQL is new enough.
 * @returns what is wrong, each with what to do. Empty = good.
 */
export async function findRoleProblems(reader: CatalogReader): Promise<string[]> {
  const facts = await readServerRole(reader, SCOPE_ROLES);
  const useAppRole = `Connect as ${APP_ROLE} (DATABASE_URL); "verve migrate" makes it.`;
  const problems: string[] = [];
  if (facts.serverVersion < OLDEST_POSTGRES) problems.push('PostgreSQL is older than 15. Upgrade the database.');
  if (facts.isSuperuser)
    problems.push(`The role ${facts.name} is a superuser, whom no row-level security stops. ${useAppRole}`);
  else if (facts.bypassesRowSecurity)
    problems.push(`The role ${facts.name} bypasses row-level security. ${useAppRole}`);
  else if (facts.ownsTables) problems.push(`The role ${facts.name} owns Verve's tables. ${useAppRole}`);
  const missing = SCOPE_ROLES.filter((role) => !facts.mayBecome.includes(role));
  if (missing.length > 0) {
    problems.push(
      `The role ${facts.name} may not become ${missing.join(', ')}. Run "verve migrate" as the owner: it grants them.`,
    );
  }
  return problems;
}
