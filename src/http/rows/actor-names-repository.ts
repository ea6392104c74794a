import type { Session } from '../../engine/database.ts';

/**
 * What those are called whom records tell as `person:…` or `key:…`: mentors and keys have a name here, other people have none.
 * By the actor as it stands in the record. Needs an engine session.
 */
export async function findActorNames(session: Session, actors: readonly string[]): Promise<Map<string, string>> {
  const rows = await session.query<{ actor: string; name: string }>(
    `select 'person:' || mentors.user_id as actor, mentors.display_name as name
     from verve.mentors where mentors.org_id = $1 and mentors.user_id = any($2::uuid[])
     union all
     select 'key:' || api_keys.id, api_keys.name from verve.api_keys where api_keys.org_id = $1 and api_keys.id = any($3::uuid[])`,
    [session.orgId, idsOf(actors, 'person:'), idsOf(actors, 'key:')],
  );
  return new Map(rows.map(({ actor, name }) => [actor, name]));
}

function idsOf(actors: readonly string[], kind: string): string[] {
  return actors.filter((actor) => actor.startsWith(kind)).map((actor) => actor.slice(kind.length));
}
