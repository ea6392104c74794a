import { createClient, readEvents, type StreamedEvent, VerveProblem } from '../../../src/client/index.ts';
import { boot } from '../boot.ts';

/** What a stream tells. */
export interface Hears {
  onEvent: (event: StreamedEvent) => void;
  /** Something may have been missed: everything has to be asked for anew. */
  onGap: () => void;
  /** Whether the stream runs, at every sign of life and at every failure. */
  onState: (isOpen: boolean) => void;
}

const firstWaitMs = 3_000;
const longestWaitMs = 60_000;
/** The server gives a sign of life every 15 seconds; after this long without one the connection is taken for dead. */
const silentMs = 40_000;
/** Away for longer than this, what happened meanwhile is not read event by event. */
const longAwayMs = 10 * 60_000;

/** A client of its own: what goes on by itself leads nobody away to signing in. */
const client = createClient({ baseUrl: location.origin, organisation: boot.organisation.slug });

/** `undefined` = from now on. The page came with the newest event, so that nothing between it and the stream is lost. */
let lastEventId: string | undefined = boot.newestEventId ?? undefined;
let hiddenAt: number | null = null;

/**
 * Follows the events of the organisation as long as the page is seen. Goes on where it was after a connection that broke or
 * ended, after a wait that doubles up to a minute and is a little different in every browser.
 */
export function follow(hears: Hears): void {
  let running: AbortController | null = null;
  const start = (): void => {
    if (running !== null || document.hidden) return;
    if (hiddenAt !== null && Date.now() - hiddenAt > longAwayMs) lastEventId = undefined;
    hiddenAt = null;
    running = new AbortController();
    void keepFollowing(hears, running.signal);
  };
  const stop = (): void => {
    running?.abort();
    running = null;
    hiddenAt = Date.now();
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
  addEventListener('online', () => {
    running?.abort();
    running = null;
    start();
  });
  start();
}

async function keepFollowing(hears: Hears, stopped: AbortSignal): Promise<void> {
  let waitMs = firstWaitMs;
  while (!stopped.aborted) {
    try {
      await followOnce(hears, stopped);
      waitMs = firstWaitMs;
    } catch (error) {
      if (stopped.aborted) return;
      hears.onState(false);
      if (error instanceof VerveProblem && error.status === 401) return;
      if (error instanceof VerveProblem && error.code === 'invalid_cursor') lastEventId = undefined;
    }
    await rest(waitMs * (0.75 + Math.random() / 2), stopped);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

/** One connection, until it ends; what broke or went silent is thrown. */
async function followOnce(hears: Hears, stopped: AbortSignal): Promise<void> {
  const silent = new AbortController();
  let alarm = setTimeout(() => silent.abort(), silentMs);
  const isNew = lastEventId === undefined;
  let isFirst = true;
  try {
    const response = await client.streamEvents(
      {},
      { signal: AbortSignal.any([stopped, silent.signal]), ...(lastEventId === undefined ? {} : { lastEventId }) },
    );
    for await (const sign of readEvents(response)) {
      clearTimeout(alarm);
      alarm = setTimeout(() => silent.abort(), silentMs);
      lastEventId = sign.lastEventId ?? lastEventId;
      hears.onState(true);
      if (isFirst && isNew) hears.onGap();
      isFirst = false;
      if (sign.event !== null) hears.onEvent(sign.event);
    }
  } finally {
    clearTimeout(alarm);
  }
}

function rest(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stopped.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
