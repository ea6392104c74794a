/** Keeps what was read for at most five seconds, because any number of servers share one database. */
export interface Latest<Value> {
  get(key: string): Promise<Value>;
  forget(key: string): void;
}

const keptMs = 5_000;
const mostKept = 5_000;

/** Makes such a memory over a reader. Concurrent readers of one key share one reading; a failed one is not kept. */
export function makeLatest<Value>(read: (key: string) => Promise<Value>): Latest<Value> {
  const kept = new Map<string, { value: Promise<Value>; until: number }>();
  return {
    get(key) {
      const known = kept.get(key);
      if (known !== undefined && known.until > performance.now()) return known.value;
      const value = read(key);
      if (kept.size >= mostKept) kept.clear();
      const entry = { value, until: performance.now() + keptMs };
      kept.set(key, entry);
      value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return value;
    },
    forget(key) {
      kept.delete(key);
    },
  };
}
