/** What a wait came to: the answer, or `late` when patience ran out first (the work goes on). */
export type Awaited<Answer> = Answer | 'late';

/**
 * Waits at most so long for each of many pieces of work that end in about the order they began. One timer for all of them:
 * a timer each would cost more than the wait. After one was late, nobody else waits until some work ends again.
 */
export function createPatience<Answer>(options: {
  ms: number;
  nowMs?: () => number;
}): (work: Promise<Answer>) => Promise<Awaited<Answer>> {
  const { ms, nowMs = Date.now } = options;
  interface Waiting {
    untilMs: number;
    isOver: boolean;
    resolve: (answer: 'late') => void;
  }
  let waiting: Waiting[] = [];
  let isTimed = false;
  let isStalled = false;

  function sweep(): void {
    isTimed = false;
    const now = nowMs();
    let first = 0;
    for (; first < waiting.length; first += 1) {
      const one = waiting[first] as Waiting;
      if (one.isOver) continue;
      if (one.untilMs > now) break;
      one.isOver = true;
      isStalled = true;
      one.resolve('late');
    }
    waiting = waiting.slice(first);
    if (waiting.length > 0) arm();
  }

  function arm(): void {
    isTimed = true;
    setTimeout(sweep, Math.max(10, ms / 8));
  }

  return (work) =>
    new Promise((resolve, reject) => {
      const one: Waiting = { untilMs: nowMs() + ms, isOver: false, resolve };
      work.then(
        (answer) => {
          isStalled = false;
          one.isOver = true;
          resolve(answer);
        },
        (reason) => {
          isStalled = false;
          one.isOver = true;
          reject(reason);
        },
      );
      if (isStalled) {
        one.isOver = true;
        resolve('late');
        return;
      }
      waiting.push(one);
      if (!isTimed) arm();
    });
}
