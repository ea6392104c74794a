import type { ClusterUse } from './cluster-use.ts';
import type { Config } from './config.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

/** The PostgreSQL of an installation, whoever runs it. */
export interface PostgresAccess {
  /** As `verve_app`. */
  readonly appUrl: string;
  /** As the owner. null = not given: nothing can be migrated from here. */
  readonly adminUrl: string | null;
  /** Password that `migrate` gives to `verve_app` where it makes the role. null = DATABASE_URL names none. */
  readonly appPassword: string | null;
  readonly isEmbedded: boolean;
  /** Ends our use; an embedded PostgreSQL stops when nobody else uses it. Safe to repeat. */
  readonly close: () => Promise<void>;
}

/**
 * Gives the PostgreSQL that the configuration names, starting the embedded one where it names none.
 * Nothing connects to a PostgreSQL of your own here: it may be down.
 */
export async function openPostgres(
  config: Config,
  options: { use: ClusterUse; onNotice?: (sentence: string) => void },
): Promise<PostgresAccess> {
  if (config.databaseUrl !== null) {
    const password = new URL(config.databaseUrl).password;
    return {
      appUrl: config.databaseUrl,
      adminUrl: config.adminDatabaseUrl,
      appPassword: password === '' ? null : decodeURIComponent(password),
      isEmbedded: false,
      close: async () => undefined,
    };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir: config.dataDir,
    isKept: options.use === 'server',
    ...options,
  });
  return {
    appUrl: embedded.url('app'),
    adminUrl: embedded.url('owner'),
    appPassword: embedded.passwords.app,
    isEmbedded: true,
    close: embedded.stop,
  };
}
