/** Times of one run in milliseconds; reads percentiles by nearest rank. */
export interface Latencies {
  add(milliseconds: number): void;
  readonly count: number;
  percentile(percent: number): number;
  readonly worst: number;
}

export function collectLatencies(): Latencies {
  const times: number[] = [];
  let isSorted = true;
  const sorted = (): number[] => {
    if (!isSorted) times.sort((a, b) => a - b);
    isSorted = true;
    return times;
  };
  return {
    add(milliseconds) {
      times.push(milliseconds);
      isSorted = false;
    },
    get count() {
      return times.length;
    },
    percentile: (percent) => sorted()[Math.max(0, Math.ceil((percent / 100) * times.length) - 1)] ?? Number.NaN,
    get worst() {
      return sorted().at(-1) ?? Number.NaN;
    },
  };
}
