import type { Pool } from 'pg';
import type { DataverseConnections } from '../connectors/dataverse/connections.ts';
import { reconcileOrganisation } from '../connectors/dataverse/reconcile-organisation.ts';
import { createDeliveryReader, understoodOf } from '../connectors/understand-delivery.ts';
import { acknowledgeBadges } from '../engine/badges/badge-service.ts';
import type { Verve } from '../engine/verve.ts';
import { createOutbox } from '../engine/webhooks/outbox.ts';
import type { Logger } from './logger.ts';
import { createWebhookPoster } from './post-webhook.ts';
import { isSameSecret } from './same-secret.ts';
import { startSender } from './sender.ts';
import { readVaultSecret } from './supabase/vault-repository.ts';
import { createTasks } from './tasks.ts';

/** What the work of an edge function needs. */
export interface EdgeWorkParts {
  readonly verve: Verve;
  readonly pool: Pool;
  readonly dataverse: DataverseConnections;
  readonly publicUrl: string;
  readonly logger: Pick<Logger, 'error'>;
  readonly allowLoopback: boolean;
}

/** How long one poke delivers; the next comes within a minute. */
const DELIVER_MS = 25_000;
const LOOK_AGAIN_MS = 250;
const WORK_KEY_HEADER = 'verve-work-key';

/** The platform's promise that work goes on after the answer. */
interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): void;
}

/**
 * Answers `POST /work/{task}`: what a server does by itself, an edge function does when `pg_cron` asks for it with the key
 * from the Vault. null = another path. Safe to repeat and to overlap: each task is.
 */
export function createEdgeWork(parts: EdgeWorkParts): (request: Request) => Promise<Response | null> {
  const { verve, pool, dataverse, logger } = parts;
  const readDelivery = createDeliveryReader(verve, dataverse);
  const tasks = createTasks({
    verve,
    understand: async (delivery) => understoodOf(await readDelivery(delivery)),
    reconcile: (call) => reconcileOrganisation(verve, dataverse, { ...call, trigger: 'schedule' }),
  });

  async function runTask(name: string): Promise<void> {
    if (name === 'deliver') return deliver(parts);
    const task = tasks.find((one) => one.name === name);
    const { signal } = new AbortController();
    const orgIds = task?.scope === 'organisation' ? await verve.organisations.listIds() : [''];
    for (const orgId of orgIds) {
      // One organisation's trouble must not keep the others from their turn.
      await task?.run({ orgId, subjectId: null, signal }).catch((error: unknown) => {
        logger.error({ task: name, orgId, reason: error instanceof Error ? error.name : 'unknown' }, 'A task failed.');
      });
    }
  }

  return async (request) => {
    const name = /^\/work\/([a-z-]+)$/.exec(new URL(request.url).pathname)?.[1];
    if (name === undefined || request.method !== 'POST') return null;
    const key = await readVaultSecret(pool, 'verve_work_key');
    if (key === null || !isSameSecret(request.headers.get(WORK_KEY_HEADER), key)) return null;
    if (name !== 'deliver' && !tasks.some((task) => task.name === name)) return null;
    const work = runTask(name);
    const runtime = (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime;
    if (runtime === undefined) await work;
    else runtime.waitUntil(work);
    return new Response(null, { status: runtime === undefined ? 204 : 202 });
  };
}

/** Sends what is due until nothing is, or the time is up; what is left waits for the next poke. */
async function deliver({ verve, publicUrl, allowLoopback }: EdgeWorkParts): Promise<void> {
  const { database, keyRing } = verve.parts;
  const outbox = createOutbox({ database, keyRing, publicUrl, onAcknowledged: acknowledgeBadges });
  const poster = createWebhookPoster({ allowLoopback });
  const until = Date.now() + DELIVER_MS;
  const sender = startSender({ outbox, poster });
  try {
    do await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    while (Date.now() < until && (await outbox.findDueOrganisations()).length > 0);
  } finally {
    await sender.stop();
    poster.close();
  }
}
