import type { Pool } from 'pg';
import type { Verve } from '../engine/verve.ts';
import type { Logger } from './logger.ts';
import { readPlannedEvents } from './statistics-repository.ts';

/** The tables are looked at after so many events of this server, and after each fourfold of it up to the last. */
const firstLook = 100;
const lastLook = 25_600;

/**
 * Tells the planner of a new installation's first rows as they come. Statements keep their plans, and plans made over
 * empty tables read every row of the organisation; autovacuum looks first after a minute (its default), and a membership
 * system that sends all it has does not wait for it. Measured: the first seconds of such a load cost twice the processor
 * time. Where the planner knows of more rows than this server has made, nothing is done.
 */
export function keepStatistics(options: { verve: Pick<Verve, 'events' | 'bulk'>; pool: Pool; logger: Logger }): {
  /** Resolves when a look that has begun is over. */
  close: () => Promise<void>;
} {
  const { verve, pool, logger } = options;
  let heard = 0;
  let nextLook = firstLook;
  let looking: Promise<void> = Promise.resolve();

  async function look(orgId: string, events: number): Promise<void> {
    if ((await readPlannedEvents(pool)) < events) await verve.bulk.refreshStatistics(orgId);
  }

  const end = verve.events.on('*', ({ orgId }) => {
    heard += 1;
    if (heard < nextLook || nextLook > lastLook) return;
    nextLook *= 4;
    looking = look(orgId, heard).catch((error: unknown) => {
      logger.warn({ reason: error instanceof Error ? error.name : 'unknown' }, 'statistics could not be refreshed');
    });
  });
  return {
    close: () => {
      end();
      return looking;
    },
  };
}
