import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { Database } from '../../src/engine/database.ts';
import { bench } from './load.ts';

/** One of the databases that are measured side by side. */
export interface Site {
  /** How many clicks it holds. */
  readonly clicks: number;
  /** The engine's door, over a single connection: its backend's processor time is read. */
  readonly database: Database;
  readonly owner: Client;
}

/** One report as one caller: medians. */
export interface Measured {
  readonly caller: string;
  readonly report: string;
  readonly targetMs: number | null;
  /** In the order of the sites; processor time is NaN where the system does not tell it. */
  readonly sites: readonly { readonly ms: number; readonly processorMs: number }[];
}

const reports = [
  { name: 'funnel', targetMs: 10, text: 'select * from verve_api.get_conversion_funnel($1, $2, $3)' },
  { name: 'mentors', targetMs: 80, text: 'select * from verve_api.get_mentor_conversion_totals($1, $2, $3)' },
  { name: 'branches', targetMs: null, text: 'select * from verve_api.get_branch_totals($1, $2, $3)' },
  { name: 'channels', targetMs: null, text: 'select * from verve_api.get_channel_totals($1, $2, $3)' },
  { name: 'timeline', targetMs: null, text: 'select * from verve_api.get_timeline($1, $2, $3)' },
] as const;

const callers = [
  { name: 'coordinator of all', sub: bench.coordinatorId },
  { name: 'coordinator of a county', sub: bench.countyCoordinatorId },
] as const;

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const dayAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** What a backend has used of a processor, in ms; NaN where there is no /proc. */
async function readProcessorMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '');
  return Number.parseInt(text, 10) / 1e6;
}

/** Reads every report of the last 90 days on every site in turns, a click recorded just before each. */
export async function measure(sites: readonly Site[], rounds: number): Promise<Measured[]> {
  const range = [bench.orgId, dayAgo(89), dayAgo(-1)];
  const runs = callers.flatMap((caller) =>
    reports.map((report) => ({
      caller,
      report,
      times: sites.map(() => ({ ms: [] as number[], processorMs: [] as number[] })),
    })),
  );
  for (let round = -1; round < rounds; round += 1) {
    for (const { caller, report, times } of runs) {
      for (const index of round % 2 === 0 ? sites.keys() : [...sites.keys()].reverse()) {
        const { owner, database } = sites[index] as Site;
        await owner.query(
          `select verve_private.record_clicks(array[code_id], array['human'], array['sms'], array[null], array[null])
           from public.bench_codes where number = $1`,
          [2 + round],
        );
        const claims = { sub: caller.sub, role: 'authenticated' };
        await database.transaction({ role: 'authenticated', claims }, async (session) => {
          const [backend] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
          const pid = backend?.pid ?? 0;
          const used = await readProcessorMs(pid);
          const start = performance.now();
          await session.query(report.text, range);
          const ms = performance.now() - start;
          if (round < 0) return; // warm
          times[index]?.ms.push(ms);
          times[index]?.processorMs.push((await readProcessorMs(pid)) - used);
        });
      }
    }
  }
  return runs.map(({ caller, report, times }) => ({
    caller: caller.name,
    report: report.name,
    targetMs: report.targetMs,
    sites: times.map(({ ms, processorMs }) => ({ ms: median(ms), processorMs: median(processorMs) })),
  }));
}
