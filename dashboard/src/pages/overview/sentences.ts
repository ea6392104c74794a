import type { FunnelReport } from '../../../../src/client/index.ts';
import type { Range } from '../../parts/range.tsx';
import { say } from '../../say.ts';

function creditedOf(report: FunnelReport): { count: number; before: number } {
  const step = report.steps.find(({ stage }) => stage === 'credited');
  return { count: step?.count ?? 0, before: step?.count_before ?? 0 };
}

/** `41 nye medlemmer siste 30 dager`. */
export function sentenceOf(report: FunnelReport, { days, preset }: Range): string {
  const n = creditedOf(report).count;
  return preset === null ? say('overview.titleOfDates', { n }) : say('overview.title', { n, days });
}

/** `9 flere enn de 30 dagene før.` */
export function comparisonOf(report: FunnelReport, { days }: Range): string {
  const { count, before } = creditedOf(report);
  if (count === before) return say('overview.same', { days });
  return say(count > before ? 'overview.more' : 'overview.fewer', { n: Math.abs(count - before), days });
}
