/** What a wait came to: the answer, or `late` when patience ran out first (the work goes on). */
export type Awaited<Answer> = Answer | 'late';

/**
 * Waits at most so long for each of many pieces of work that end in about the order they began. One timer for all of them:
 * a timer each would cost more than the wait. After one was late, nobody else waits until some work ends again. Who has his
 * answer is let go of at once: kept for the timer, he would outlive the young generation and be collected at ten times the cost.
 */
export function createPatience<Answer>(options: {
  ms: number;
  nowMs?: () => number;
}): (work: Promise<Answer>) => Promise<Awaited<Answer>> {
  const { ms, nowMs = Date.now } = options;
  interface Waiting {
    untilMs: number;
    resolve: (answer: 'late') => void;
  }
  const waiting = new Set<Waiting>();
  let isTimed = false;
  let isStalled = false;

  function sweep(): void {
    isTimed = false;
    const now = nowMs();
    for (const one of waiting) {
      if (one.untilMs > now) break;
      waiting.delete(one);
      isStalled = true;
      one.resolve('late');
    }
    if (waiting.size > 0) arm();
  }

  function arm(): void {
    isTimed = true;
    setTimeout(sweep, Math.max(10, ms / 8));
  }

  return (work) =>
    new Promise((resolve, reject) => {
      const one: Waiting = { untilMs: nowMs() + ms, resolve };
      work.then(
        (answer) => {
          isStalled = false;
          waiting.delete(one);
          resolve(answer);
        },
        (reason) => {
          isStalled = false;
          waiting.delete(one);
          reject(reason);
        },
      );
      if (isStalled) {
        resolve('late');
        return;
      }
      waiting.add(one);
      if (!isTimed) arm();
    });
}
