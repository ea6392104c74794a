import { inOrganisation } from '../../engine/parts.ts';
import type { Incoming } from '../operation.ts';
import { findActorNames } from '../rows/actor-names-repository.ts';

/** Adds to every row what its actors are called: `<field>_name`, null = nobody yet, or somebody without a name here. */
export async function nameActors(
  incoming: Pick<Incoming<unknown, unknown, unknown>, 'runtime' | 'orgId'>,
  rows: readonly Record<string, unknown>[],
  fields: readonly string[],
): Promise<Record<string, unknown>[]> {
  const { orgId, runtime } = incoming;
  const actors = rows.flatMap((row) => fields.map((field) => row[field])).filter((one) => typeof one === 'string');
  const names =
    actors.length === 0
      ? new Map<string, string>()
      : await inOrganisation(runtime.verve.parts, { orgId }, (session) => findActorNames(session, actors));
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(fields.map((field) => [`${field}_name`, names.get(String(row[field])) ?? null])),
  }));
}
