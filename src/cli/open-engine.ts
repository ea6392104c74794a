import type { Actor } from '../engine/actor.ts';
import type { Clock } from '../engine/clock.ts';
import { VerveError } from '../engine/errors.ts';
import { isUuid } from '../engine/ids.ts';
import type { Random } from '../engine/parts.ts';
import { createVerve, type Verve } from '../engine/verve.ts';
import { ConfigError, loadConfig } from '../server/config.ts';
import { readOrMakeSecrets } from '../server/data-secret.ts';
import { findSecretProblems } from '../server/known-secrets.ts';
import { migrate } from '../server/migrate.ts';
import { openPostgres } from '../server/open-postgres.ts';
import { makePool } from '../server/pool.ts';
import { UsageError } from './usage-error.ts';

/** As whom commands act: whoever can run them on this machine holds the installation. */
export const commandActor: Actor = { kind: 'system', name: 'command' };

/** Takes `--organisation`, the slug or the id, in every command that works within one. */
export interface OrganisationOption {
  readonly organisation?: string;
}

/** How a command's engine differs from the server's. */
export interface EngineOptions {
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * Runs a command's work with an engine over the installation's database, beside a running server if there is one, and
 * closes everything after it. The embedded database is started and migrated when nobody else runs it.
 */
export async function withEngine<Result>(
  work: (verve: Verve) => Promise<Result>,
  options: EngineOptions = {},
): Promise<Result> {
  const config = loadConfig(process.env);
  const postgres = await openPostgres(config, { use: 'guest' });
  try {
    if (postgres.isEmbedded && postgres.adminUrl !== null) {
      await migrate({ adminUrl: postgres.adminUrl, appPassword: postgres.appPassword });
    }
    const secret = await readOrMakeSecrets(config);
    const pool = makePool({ connectionString: postgres.appUrl, max: 4, applicationName: 'verve command' });
    try {
      const problems = await findSecretProblems(pool, secret);
      if (problems.length > 0) throw new ConfigError(problems);
      return await work(createVerve({ database: pool, secret, ...options }));
    } finally {
      await pool.end();
    }
  } finally {
    await postgres.close();
  }
}

/** The zone of an organisation's days. */
export async function timeZoneOf(verve: Verve, orgId: string): Promise<string> {
  return (await verve.organisations.recent(orgId))?.timeZone ?? 'Europe/Oslo';
}

/** The organisation that `--organisation` names, or the installation's only one. */
export async function findOrganisation(verve: Verve, { organisation }: OrganisationOption): Promise<string> {
  if (organisation === undefined) {
    const [only, ...others] = await verve.organisations.listIds();
    if (only !== undefined && others.length === 0) return only;
    if (only === undefined) {
      throw new UsageError(
        'There is no organisation yet. Make one: verve key create --organisation lydhor --make "Lydhør"',
      );
    }
    throw new UsageError(`There are several organisations. Say which: ${await tellSome(verve, [only, ...others])}`);
  }
  const orgId = isUuid(organisation) ? organisation : await verve.organisations.findIdBySlug(organisation);
  if (orgId === null) throw new VerveError('not_found', 'There is no organisation with this slug.');
  return orgId;
}

/** The first few by slug, as they are to be typed. */
async function tellSome(verve: Verve, orgIds: readonly string[]): Promise<string> {
  const some = await Promise.all(
    orgIds.slice(0, 5).map((orgId) => verve.organisations.get({ orgId, actor: commandActor })),
  );
  const told = some.map(({ slug }) => `--organisation ${slug}`).join(' or ');
  return orgIds.length > some.length ? `${told} or …` : told;
}
