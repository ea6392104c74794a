import type { ErrorCode } from '../engine/errors.ts';

/** What is counted about requests. The server gives Prometheus counters; without them nothing is counted. */
export interface Metrics {
  observeRequest: (method: string, status: number, milliseconds: number) => void;
  countProblem: (code: ErrorCode) => void;
  /** The text of `/metrics` for whoever asks, or null where there is none to show. May refuse him. */
  render: (request: Request) => Promise<{ text: string; contentType: string } | null>;
}

/** Counts nothing. */
export const silentMetrics: Metrics = {
  observeRequest() {},
  countProblem() {},
  render: async () => null,
};
