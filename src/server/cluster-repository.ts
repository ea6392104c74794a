import { type Client, escapeLiteral } from 'pg';

// Advisory locks of PostgreSQL itself: held by a connection, so a killed process leaves none behind, and process ids
// of other containers play no part. Numbers are arbitrary.
const SERVER_LOCK = 812_001;
const USERS_LOCK = 812_002;
const SET_UP_LOCK = 812_003;

/** Takes the one place of a server. false = another server has it. */
export async function tryServerLock(client: Client): Promise<boolean> {
  return tryLock(client, SERVER_LOCK);
}

/** Says that we use the cluster. Waits while somebody is stopping it. */
export async function lockAsUser(client: Client): Promise<void> {
  await client.query('select pg_advisory_lock_shared($1)', [USERS_LOCK]);
}

/** Says that we no longer use the cluster. true = nobody does, and whoever comes now waits until this session ends. */
export async function unlockAsUser(client: Client): Promise<boolean> {
  await client.query('select pg_advisory_unlock_shared($1)', [USERS_LOCK]);
  return tryLock(client, USERS_LOCK);
}

/** Names the server that holds the cluster: ' (process 4711)', or '' when it is gone again. */
export async function findServer(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string | null }>(
    `select substring(activity.application_name from '\\(.*\\)') as name
       from pg_locks as locks
       join pg_stat_activity as activity on activity.pid = locks.pid
      where locks.locktype = 'advisory' and locks.objid = $1 and locks.granted`,
    [SERVER_LOCK],
  );
  return rows[0]?.name ? ` ${rows[0].name}` : '';
}

/**
 * Makes the owner and its database where they are missing. The owner may make roles and is no superuser: as on a
 * managed service, so that what works here works there. Safe from several processes at once.
 */
export async function makeOwnerAndDatabase(client: Client, ownerPassword: string): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [SET_UP_LOCK]);
  try {
    const { rows } = await client.query<{ owner: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = 'verve_owner') as owner,
              exists (select from pg_database where datname = 'verve') as database`,
    );
    if (!rows[0]?.owner) {
      await client.query(`create role verve_owner login createrole password ${escapeLiteral(ownerPassword)}`);
    }
    if (!rows[0]?.database) await client.query('create database verve owner verve_owner');
  } finally {
    await client.query('select pg_advisory_unlock($1)', [SET_UP_LOCK]);
  }
}

async function tryLock(client: Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [key]);
  return rows[0]?.held === true;
}
