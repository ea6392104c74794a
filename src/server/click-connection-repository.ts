import type { Client } from 'pg';

/** The session stands in the role that may record clicks and nothing else. */
export async function becomeIngest(client: Client): Promise<void> {
  await client.query('set role verve_ingest');
}

/**
 * Ends the session that this one takes the place of, if it is still there: what it was told to store has been counted as not
 * stored, and it would store it after all when it comes to itself.
 */
export async function endFormerSession(client: Client, formerPid: number): Promise<void> {
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where pid = $1 and usename = session_user and application_name = current_setting('application_name')`,
    [formerPid],
  );
}

export async function listenForLinkChanges(client: Client): Promise<void> {
  await client.query('listen verve_links');
}
