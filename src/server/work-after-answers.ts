/** Work that goes on when its request has been answered, such as sending a letter. */
export interface WorkAfterAnswers {
  /** Takes note of work under way. It must not reject. */
  add: (work: Promise<void>) => void;
  /** Resolves when nothing is under way, at the latest after so many milliseconds. */
  finish: (mostMs: number) => Promise<void>;
}

/** Keeps such work together, so that a server that stops can wait for it. */
export function trackWorkAfterAnswers(): WorkAfterAnswers {
  const underWay = new Set<Promise<void>>();
  return {
    add(work) {
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    },
    async finish(mostMs) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, mostMs);
      });
      await Promise.race([Promise.all(underWay), late]);
      clearTimeout(timer);
    },
  };
}
