import { VerveError } from './errors.ts';

/** Fewer callers than this wait for one another: they gain nothing by a pause. */
const SEVERAL = 3;

/**
 * Groups concurrent calls into one piece of work: whenever the batch before has ended, everything that has queued up
 * since goes out together. A lone call waits for nothing. Measured: one connection sending whenever it is idle stores 3–4
 * times what a pool does row by row (docs/performance.md).
 *
 * A batch that fails is tried again one item at a time, so that one bad item fails alone; a database that does not
 * answer fails all of them at once. A full queue refuses with `database_unavailable` instead of growing without bound.
 */
export function combine<Item, Result>(options: {
  /** Does the work of one batch; gives one result per item, in the items' order. */
  work: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Most of one batch, by weight; a single item heavier than that goes alone. (Default: 500) */
  maxBatch?: number;
  /** How much an item counts towards a batch. (Default: 1) */
  weigh?: (item: Item) => number;
  /** Most items waiting. (Default: 10,000) */
  maxWaiting?: number;
  /**
   * Whether a batch leaves at the end of the event loop's turn, with all that arrives in it: requests are read socket by
   * socket, and those of a batch that has ended go on one after the other; else the first goes alone, and the others wait
   * for it. (Default: false)
   */
  isGathered?: boolean;
  /**
   * From how many waiting items on a batch takes half of them: its answers are written while the other half is being worked
   * on. With all of them in one batch, callers and database wait for each other in turns. (Default: never)
   */
  halveFrom?: number;
  /**
   * Batches of several leave at least `ms` apart, unless `enough` wait: each costs the same whatever it holds, so fewer of
   * them leave the machine room. Who calls alone waits for nothing. Gathered only.
   * (Default: never)
   */
  pause?: { ms: number; enough: number };
}): (item: Item) => Promise<Result> {
  const { work, maxBatch = 500, weigh = () => 1, maxWaiting = 10_000, isGathered = false } = options;
  const { halveFrom = Number.POSITIVE_INFINITY, pause = { ms: 0, enough: 0 } } = options;
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (reason: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let isRunning = false;
  let last = { size: 0, leftMs: 0 };
  let endPause: (() => void) | undefined;

  function takeBatch(): Waiting[] {
    let weight = 0;
    const most = waiting.length < halveFrom ? waiting.length : Math.ceil(waiting.length / 2);
    const end = waiting.findIndex((one, place) => {
      weight += weigh(one.item);
      return place === most || (place > 0 && weight > maxBatch);
    });
    const batch = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? [] : waiting.slice(end);
    return batch;
  }

  /** Waits until the batch before has left long enough ago, or enough is waiting. */
  function waitForMore(): Promise<void> | undefined {
    const leftMs = last.leftMs + pause.ms - performance.now();
    if (last.size < SEVERAL || waiting.length >= pause.enough || leftMs <= 0) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function runAlone(batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) {
      try {
        one.resolve((await work([one.item]))[0] as Result);
      } catch (error) {
        one.reject(error);
      }
    }
  }

  async function drain(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      if (isGathered) {
        await endOfTurn();
        await waitForMore();
      }
      const batch = takeBatch();
      last = { size: batch.length, leftMs: performance.now() };
      try {
        const results = await work(batch.map((one) => one.item));
        batch.forEach((one, index) => {
          one.resolve(results[index] as Result);
        });
      } catch (error) {
        const isUnavailable = error instanceof VerveError && error.code === 'database_unavailable';
        if (batch.length > 1 && !isUnavailable) await runAlone(batch);
        else for (const one of batch) one.reject(error);
      }
    }
    isRunning = false;
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        reject(new VerveError('database_unavailable', 'Too much is waiting already.', { retryAfterSeconds: 1 }));
        return;
      }
      waiting.push({ item, resolve, reject });
      if (!isRunning) void drain();
      else if (waiting.length === pause.enough) endPause?.();
    });
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) =>
    typeof setImmediate === 'function' ? setImmediate(resolve) : queueMicrotask(resolve),
  );
}

/** {@link combine}, gathered, with a queue for each organisation, so that one transaction serves one tenant. */
export function combineByOrganisation<Item, Result>(options: {
  work: (orgId: string, items: readonly Item[]) => Promise<readonly Result[]>;
  maxBatch?: number;
  weigh?: (item: Item) => number;
}): (orgId: string, item: Item) => Promise<Result> {
  const { work, ...limits } = options;
  const queues = new Map<string, (item: Item) => Promise<Result>>();
  return (orgId, item) => {
    let queue = queues.get(orgId);
    if (queue === undefined) {
      queue = combine<Item, Result>({ ...limits, isGathered: true, work: (items) => work(orgId, items) });
      queues.set(orgId, queue);
    }
    return queue(item);
  };
}
