import { makeProjectMigrations } from '../../src/server/supabase/make-migrations.ts';
import type { SupabaseProject } from './project.ts';

/** The password that the tests give to the server's role. */
const APP_PASSWORD = 'verve-app';

/** Runs what `verve supabase init` writes, as the owner, and gives the server's connection string. */
export async function applyMigrations(project: SupabaseProject): Promise<string> {
  for (const { topic, text } of await makeProjectMigrations()) {
    await project.owner.query(text).catch((error: Error) => {
      throw new Error(`${topic}: ${error.message}`, { cause: error });
    });
  }
  await project.owner.query(`alter role verve_app password '${APP_PASSWORD}'`);
  return project.url('verve_app', APP_PASSWORD);
}
