import type { ReconciliationResult } from '../../engine/reconciliation/service.ts';
import type { Verve } from '../../engine/verve.ts';
import type { DataverseConnections } from './connections.ts';
import { dataverseReconciliation } from './reconciliation-source.ts';

/** What a reconciliation of one organisation came to; the first two say that there is nothing to read. */
export type OrganisationReconciliation =
  | ReconciliationResult
  | { outcome: 'notConfigured' }
  | { outcome: 'noCredentials' };

/**
 * Reads one organisation's Dataverse back: the same for the schedule, a person and the command. Safe to repeat.
 * `signal` ends it after the page at hand; the next run goes on from there.
 */
export async function reconcileOrganisation(
  verve: Pick<Verve, 'organisations' | 'reconciliation'>,
  connections: DataverseConnections,
  call: Omit<Parameters<Verve['reconciliation']['run']>[0], 'source'> & { signal?: AbortSignal; now?: () => Date },
): Promise<OrganisationReconciliation> {
  const { signal, now = () => new Date(), ...rest } = call;
  const connection = await connections.get(call.orgId);
  if (connection === null) return { outcome: 'notConfigured' };
  const { client, configuration } = connection;
  if (client === null) return { outcome: 'noCredentials' };
  const timeZone = (await verve.organisations.recent(call.orgId))?.timeZone ?? 'Europe/Oslo';
  const source = dataverseReconciliation({ client, configuration, timeZone, now, ...(signal ? { signal } : {}) });
  return verve.reconciliation.run({ ...rest, source });
}
