import type { PlatformStanding } from './platform-repository.ts';

const OUR_SCHEMAS = ['verve', 'verve_private', 'verve_supabase', 'verve_jobs'];
const TAKE_UP = 'Call verve_supabase.use_platform() as the owner.';

/**
 * What is wrong with Verve's place in a Supabase project, each with what to do: for `verve doctor`.
 * @param hasServer whether a server of our own can do the recurring work instead of pg_cron.
 */
export function findPlatformProblems(standing: PlatformStanding, hasServer: boolean): string[] {
  const exposed = standing.exposedSchemas?.split(',').map((name) => name.trim()) ?? null;
  const tooMuch = exposed?.filter((name) => OUR_SCHEMAS.includes(name)) ?? [];
  const hasPokes = standing.hasCron && standing.hasNet;
  const problems = [
    standing.hasCron &&
      standing.missingJobs.length > 0 &&
      `pg_cron lacks or has switched off: ${standing.missingJobs.join(', ')}. ${TAKE_UP}`,
    hasPokes && !standing.hasWorkKey && `The Vault has no verve_work_key, so the function does no work. ${TAKE_UP}`,
    hasPokes &&
      !standing.hasFunctionUrl &&
      !hasServer &&
      'Nobody sends webhooks: pg_cron does not know the function. Put its address into the Vault as verve_function_url (docs/supabase.md).',
    !hasPokes &&
      !hasServer &&
      'Nobody does recurring work: enable pg_cron and pg_net and call verve_supabase.use_platform(), or run "verve migrate" and "verve serve".',
    !standing.isBroadcasting && `Realtime is there, and mentors’ apps are told nothing through it. ${TAKE_UP}`,
    tooMuch.length > 0 &&
      `The API exposes ${tooMuch.join(', ')}. Expose verve_api alone: the others are not for clients.`,
    exposed !== null &&
      !exposed.includes('verve_api') &&
      'The API does not expose verve_api, so apps read nothing. Add it to the exposed schemas (settings, Data API).',
  ];
  return problems.filter((problem) => problem !== false);
}
