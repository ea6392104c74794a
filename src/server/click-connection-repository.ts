import type { Client } from 'pg';

/** The session stands in the role that may record clicks and nothing else. */
export async function becomeIngest(client: Client): Promise<void> {
  await client.query('set role verve_ingest');
}

export async function listenForLinkChanges(client: Client): Promise<void> {
  await client.query('listen verve_links');
}
