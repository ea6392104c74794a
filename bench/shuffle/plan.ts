import type { ModelFact } from '../../test/model/world.ts';
import { DAY_MS } from '../../test/model/world.ts';
import type { Random } from './random.ts';

/** What one member's membership system says, in the order in which it happened. */
export interface MemberHistory {
  readonly memberId: string;
  /** The codes of the two mentors between whom the first to arrive decides (hard case A6). null = one code only. */
  readonly rivals: readonly [string, string] | null;
  readonly facts: readonly ModelFact[];
}

/** One delivery of one fact; repeats carry the same reference, as a sender's retries do. */
export interface Delivery {
  readonly history: MemberHistory;
  readonly fact: ModelFact;
  readonly sourceRef: string;
}

/** A mentor's code, and another code of the same mentor. */
export interface PlanCode {
  readonly code: string;
  readonly otherCode: string;
}

/**
 * Makes the histories: confirmed by code; some registered first by reference, some reversed, some confirmed again, some
 * confirmed later by member id alone, and every twentieth confirmed under two mentors' codes. Every time is within the
 * rejoin gap, so that what the facts say in order does not depend on the order in which they arrive.
 */
export function planHistories(
  random: Random,
  codes: readonly PlanCode[],
  count: number,
  startsAt: number,
): MemberHistory[] {
  return Array.from({ length: count }, (_, index) => {
    const memberId = `member-${index}`;
    const mentor = random.below(codes.length);
    const { code, otherCode } = codes[mentor] as PlanCode;
    const base = startsAt + random.below(60) * DAY_MS + random.below(DAY_MS);
    const fact = (kind: ModelFact['kind'], step: number, more: Partial<ModelFact> = {}): ModelFact => ({
      kind,
      memberId,
      code,
      registrationRef: null,
      registeredAt: null,
      occurredAt: base + step * 1000,
      ...more,
    });
    if (random.chance(0.05)) {
      const rival = codes[(mentor + 1 + random.below(codes.length - 1)) % codes.length] as PlanCode;
      const facts = [fact('confirmed', 1), fact('confirmed', 2, { code: rival.code })];
      if (random.chance(0.3)) facts.push(fact('reversed', 3, { code: null }));
      return { memberId, rivals: [code, rival.code], facts };
    }
    const facts: ModelFact[] = [];
    if (random.chance(0.4)) facts.push(fact('registered', 0, { registeredAt: base, registrationRef: `ref-${index}` }));
    facts.push(fact('confirmed', 1, { code: random.chance(0.1) ? otherCode : code }));
    if (random.chance(0.35)) {
      facts.push(fact(random.chance(0.2) ? 'rejected' : 'reversed', 2, { code: random.chance(0.5) ? null : code }));
      if (random.chance(0.5)) {
        facts.push(fact('confirmed', 3, { code: random.chance(0.5) ? null : code }));
        if (random.chance(0.3)) facts.push(fact('reversed', 4, { code: null }));
      }
    } else if (random.chance(0.2)) facts.push(fact('confirmed', 5, { code: null }));
    return { memberId, rivals: null, facts };
  });
}

/** Every fact 1–20 times, all shuffled together. */
export function planDeliveries(random: Random, histories: readonly MemberHistory[], mostRepeats: number): Delivery[] {
  const deliveries: Delivery[] = [];
  for (const history of histories) {
    for (const [step, fact] of history.facts.entries()) {
      const delivery = { history, fact, sourceRef: `${history.memberId}/${step}` };
      for (let times = 1 + random.below(mostRepeats); times > 0; times -= 1) deliveries.push(delivery);
    }
  }
  return random.shuffle(deliveries);
}
