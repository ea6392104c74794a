import type { TotalStep } from '../milestones/count-credits.ts';
import type { Attribution } from './attribution.ts';
import { isCredited } from './attribution.ts';
import type { Ledger } from './ledger.ts';

/** Notes, fact by fact, which credits came and went, so that a batch counts as if its facts had come one by one. */
export function trackCredits(ledger: Ledger): { after(actIndex: number): void; steps: TotalStep[] } {
  const known = new Map<Attribution, boolean>();
  const steps: TotalStep[] = [];
  let eventsSeen = 0;
  return {
    steps,
    after(actIndex) {
      for (const attribution of ledger.changed) {
        const before = known.get(attribution) ?? ledger.creditBefore.get(attribution) ?? false;
        const now = isCredited(attribution);
        known.set(attribution, now);
        if (before !== now && attribution.isCounted && attribution.mentorId !== null) {
          steps.push({ mentorId: attribution.mentorId, actIndex, change: now ? 1 : -1 });
        }
        if (!before && !now) forgetCredit(ledger, attribution, eventsSeen);
      }
      eventsSeen = ledger.events.length;
    },
  };
}

/** A credit that the same fact took back was never one: nobody hears of it, and the row does not tell of it. */
function forgetCredit(ledger: Ledger, attribution: Attribution, from: number): void {
  for (let index = ledger.events.length - 1; index >= from; index -= 1) {
    const event = ledger.events[index];
    if (event?.attributionId !== attribution.attributionId) continue;
    if (event.type === 'recruitment.reversed') event.data = { ...event.data, was_credited: false };
    if (event.type !== 'recruitment.credited' && event.type !== 'referral:converted') continue;
    ledger.events.splice(index, 1);
    attribution.creditedAt = null;
    attribution.branchId = null;
  }
}
