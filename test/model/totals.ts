import type { World } from './world.ts';
import { isCredited } from './world.ts';

/** §2.9: totals are what is credited now; every threshold in (old, new] is awarded once; nothing is ever taken away. */
export const settleTotals = (world: World): void => {
  const fresh = new Map<string, number>();
  for (const one of world.attributions) {
    if (isCredited(one)) fresh.set(one.mentorId, (fresh.get(one.mentorId) ?? 0) + 1);
  }
  for (const mentorId of world.mentors.keys()) {
    const before = world.totals.get(mentorId) ?? 0;
    const after = fresh.get(mentorId) ?? 0;
    for (const threshold of world.settings.thresholds) {
      if (threshold > before && threshold <= after) world.awards.add(`${mentorId}|${threshold}`);
    }
    world.totals.set(mentorId, after);
  }
};
