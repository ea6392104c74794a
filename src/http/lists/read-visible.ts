import { VerveError } from '../../engine/errors.ts';
import type { Incoming } from '../operation.ts';
import { selectRow } from './list-repository.ts';
import type { ListCondition, ListSource } from './list-source.ts';

/**
 * One row as the caller may see it. What exists in the caller's organisation but lies outside the caller's scope is
 * `forbidden`; what belongs to another organisation, or does not exist, is `not_found` (spec §2.17).
 */
export async function readVisible<Params, Query, Body>(
  incoming: Incoming<Params, Query, Body>,
  source: ListSource,
  conditions: readonly ListCondition[],
  /** What tells that a row exists, where `source` shows a person only own ones. (Default: `source`) */
  existing: ListSource = source,
): Promise<Record<string, unknown>> {
  const all: ListCondition[] = [{ sql: 'listed.org_id = ?', value: incoming.orgId }, ...conditions];
  const row = await incoming.read((session) => selectRow(session, source, all));
  if (row !== null) return row;
  if (incoming.caller.kind !== 'person') throw new VerveError('not_found');
  const { orgId, runtime } = incoming;
  const found = await runtime.verve.parts.database.transaction({ role: 'verve_engine', orgId }, (session) =>
    selectRow(session, existing, all),
  );
  throw new VerveError(found === null ? 'not_found' : 'forbidden');
}
