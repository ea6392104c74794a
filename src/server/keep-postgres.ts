import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, isPostgres, type Postmaster } from './postmaster.ts';

/** A cluster that is started again whenever it goes away by itself. */
export interface KeptPostgres {
  /** The process of now. */
  readonly current: () => Postmaster;
  /** Ends the watch; a start under way is waited for. Safe to repeat. */
  readonly stop: () => Promise<void>;
}

/** What `keepPostgres` needs to know. */
export interface KeepPostgres {
  readonly first: Postmaster;
  /**
   * Starts it on the same port, so that connection strings stay true. null = not yet: what was killed has not let go of
   * the files.
   */
  readonly startAgain: () => Promise<Postmaster | null>;
  readonly onNotice?: (sentence: string) => void;
  /** (Default: 250) */
  readonly pollMs?: number;
}

const LONGEST_PAUSE_MS = 5_000;

/**
 * Watches PostgreSQL's process: nobody else would start it again when the machine runs out of memory and kills it. Tries
 * until it runs, with growing pauses.
 */
export function keepPostgres({ first, startAgain, onNotice, pollMs = 250 }: KeepPostgres): KeptPostgres {
  const stopping = new AbortController();
  let current = first;

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await pause(pollMs);
      if (stopping.signal.aborted || (isAlive(current.pid) && (await isPostgres(current.pid)))) continue;
      onNotice?.(`PostgreSQL (process ${current.pid}) ended by itself: starting it again.`);
      await revive();
    }
  }

  async function revive(): Promise<void> {
    for (let pauseMs = pollMs; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
      try {
        const started = await startAgain();
        if (started !== null) {
          current = started;
          onNotice?.(`PostgreSQL runs again (process ${current.pid}).`);
          return;
        }
      } catch (error) {
        onNotice?.(`PostgreSQL does not start: ${(error as Error).message}`);
      }
      await pause(pauseMs);
    }
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
  }

  const watching = watch();
  return {
    current: () => current,
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}
