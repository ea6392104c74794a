import type { Fact } from '../../src/engine/attributions/fact.ts';
import type { Verve } from '../../src/engine/verve.ts';
import type { Acknowledged } from '../../test/zero-list.ts';
import { system } from './arrange.ts';
import type { Delivery } from './plan.ts';
import type { Random } from './random.ts';

/** Sends the deliveries in their shuffled order over all engines at once, one to twenty to a call. Returns what was acknowledged. */
export async function deliverAll(options: {
  engines: readonly Verve[];
  orgId: string;
  deliveries: readonly Delivery[];
  random: Random;
  onProgress?: (done: number) => void;
}): Promise<Acknowledged[]> {
  const { engines, orgId, deliveries, random } = options;
  const acknowledged: Acknowledged[] = [];
  let next = 0;
  await Promise.all(
    engines.map(async (engine) => {
      while (next < deliveries.length) {
        const chunk = deliveries.slice(next, next + 1 + random.below(20));
        next += chunk.length;
        await engine.attributions.applyFacts({ orgId, actor: system, facts: chunk.map(factOf) });
        for (const { history, sourceRef } of chunk) acknowledged.push({ memberId: history.memberId, sourceRef });
        options.onProgress?.(acknowledged.length);
      }
    }),
  );
  return acknowledged;
}

function factOf({ fact, sourceRef }: Delivery): Fact {
  return {
    kind: fact.kind,
    memberId: fact.memberId,
    code: fact.code,
    registrationRef: fact.registrationRef,
    registeredAt: fact.registeredAt === null ? null : new Date(fact.registeredAt),
    occurredAt: fact.occurredAt === null ? null : new Date(fact.occurredAt),
    source: 'webhook',
    sourceRef,
  };
}
