import { readFile } from 'node:fs/promises';
import { readMigrationFiles } from '../migrate.ts';
import { makeMigrationsTable, recordInSql } from '../migrations-repository.ts';
import { templateUrl } from './templates.ts';

/** A migration of a Supabase project before it has its timestamp. */
export interface ProjectMigration {
  /** What the file is called after its timestamp: `verve_0001_foundation`. */
  readonly topic: string;
  readonly text: string;
}

/**
 * Our migrations in the form of a Supabase project, in order: the roles, each file of sql/migrations, and what uses the
 * platform's own parts. Each sets its own search path and puts it back, and writes into our own table that it was applied.
 */
export async function makeProjectMigrations(): Promise<ProjectMigration[]> {
  const files = await readMigrationFiles();
  const roles = await readFile(templateUrl('migrations/roles.sql'), 'utf8');
  const platform = await readFile(templateUrl('migrations/platform.sql'), 'utf8');
  return [
    dress('verve_roles', `${roles}\n${makeMigrationsTable}`),
    ...files.map((file) => dress(`verve_${file.name.replace('.sql', '')}`, `${file.text}\n${recordInSql(file)}`)),
    dress('verve_platform_1', platform),
  ];
}

function dress(topic: string, text: string): ProjectMigration {
  const head = '-- Written by "verve supabase init"; it refuses to go on when this file was changed.';
  return { topic, text: `${head}\nset search_path = pg_catalog;\n\n${text.trim()}\n\nreset search_path;\n` };
}
