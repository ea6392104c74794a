import type { Integration, Reconciliation, WebhookEndpoint } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { isAdmin } from '../../boot.ts';

export interface Health {
  integration: Integration;
  /** The newest twenty, newest first. */
  runs: Reconciliation[];
  /** Who gets events; null = only administrators are told. */
  endpoints: WebhookEndpoint[] | null;
  /** When this was asked. */
  at: string;
}

/** Everything the page shows, asked at once. */
export async function loadHealth(): Promise<Health> {
  const [integration, { data: runs }, endpoints] = await Promise.all([
    api.getIntegration(),
    api.listReconciliations(),
    isAdmin ? api.listWebhookEndpoints().then(({ data }) => data) : null,
  ]);
  const shown = endpoints?.filter(({ status }) => status !== 'deleted') ?? null;
  return { integration, runs, endpoints: shown, at: new Date().toISOString() };
}

export type State = 'never' | 'failed' | 'late' | 'ok';

/** A weekend and a day: longer than that is unusual for a membership system that works. */
const silentHours = 72;

/** How the connection stands. A reconciliation that succeeded has heard the membership system as well as a message. */
export function stateOf({ integration, runs }: Pick<Health, 'integration' | 'runs'>, now: number): State {
  const heard = lastHeard(integration);
  if (heard === null && runs.length === 0) return 'never';
  if (integration.last_reconciliation_status === 'failed') return 'failed';
  if (heard !== null && now - Date.parse(heard) > silentHours * 3_600_000) return 'late';
  return 'ok';
}

/** When the membership system was last heard; null = never. */
export function lastHeard(integration: Integration): string | null {
  const reconciled = integration.last_reconciliation_status === 'succeeded' ? integration.last_reconciliation_at : null;
  const moments = [integration.last_message_at, reconciled].filter((moment) => moment !== null);
  return moments.sort((one, other) => Date.parse(other) - Date.parse(one))[0] ?? null;
}
