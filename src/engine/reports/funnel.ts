import type { FunnelRow } from './repository.ts';

const funnelStages = ['shared', 'clicked', 'registered', 'confirmed', 'credited'] as const;
export type FunnelStage = (typeof funnelStages)[number];

export interface FunnelStep {
  stage: FunnelStage;
  count: number;
  /** The same stage in the period before. */
  countBefore: number;
  /**
   * (previous − this) ÷ previous in percent, one decimal. null = "–": the first stage, after 0, and where more came than
   * went before (spec §10).
   */
  dropOffPercent: number | null;
  /** Median time from the stage before, where the two are linked: clicked→registered, registered→confirmed. */
  medianSeconds: number | null; // null = not linked, or nobody went both
}

export interface Funnel {
  steps: FunnelStep[];
  joined: number;
  joinedBefore: number;
  creditedWithoutClick: number;
  /** Hits that were no people, shown beside the clicks. */
  machines: { previews: number; prefetches: number; crawlers: number; others: number };
}

/** Puts a funnel together out of a range and the period before it. Pure. */
export function makeFunnel(now: FunnelRow, before: FunnelRow): Funnel {
  const medians: Partial<Record<FunnelStage, number | null>> = {
    registered: now.medianClickedToRegisteredSeconds,
    confirmed: now.medianRegisteredToConfirmedSeconds,
  };
  const steps = funnelStages.map((stage, index): FunnelStep => {
    const previous = index === 0 ? null : now[funnelStages[index - 1] as FunnelStage];
    return {
      stage,
      count: now[stage],
      countBefore: before[stage],
      dropOffPercent: dropOff(previous, now[stage]),
      medianSeconds: medians[stage] ?? null,
    };
  });
  const { previews, prefetches, crawlers, others } = now;
  return {
    steps,
    joined: now.joined,
    joinedBefore: before.joined,
    creditedWithoutClick: now.creditedWithoutClick,
    machines: { previews, prefetches, crawlers, others },
  };
}

/** The share lost from one stage to the next, in percent with one decimal; null where it means nothing. */
export function dropOff(previous: number | null, count: number): number | null {
  if (previous === null || previous === 0 || count > previous) return null;
  return Math.round(((previous - count) * 1_000) / previous) / 10;
}
