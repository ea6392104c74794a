import { describe, expect, test } from 'vitest';
import { playFacts, worldOf } from '../bench/shuffle/expected.ts';
import { planDeliveries, planHistories } from '../bench/shuffle/plan.ts';
import { seededRandom } from '../bench/shuffle/random.ts';
import { applyFact } from './model/facts.ts';
import { snapshotOfModel } from './model/play.ts';
import { DAY_MS, type ModelFact } from './model/world.ts';

const mentors = [
  { mentorId: 'first', codes: ['AAAAAAAAAA', 'AAAAAAAAAB'] },
  { mentorId: 'second', codes: ['BBBBBBBBBB', 'BBBBBBBBBC'] },
];
const now = 1000 * DAY_MS;
const day = (daysAgo: number): string => new Date(now - daysAgo * DAY_MS).toISOString().slice(0, 10);

const fact = (kind: ModelFact['kind'], daysAgo: number, more: Partial<ModelFact> = {}): ModelFact => ({
  kind,
  memberId: 'kari',
  code: null,
  registrationRef: null,
  registeredAt: null,
  occurredAt: now - daysAgo * DAY_MS,
  ...more,
});

const outcomeOf = (...facts: ModelFact[]) => {
  const world = worldOf(mentors, now);
  const outcomes = facts.map((one) => applyFact(world, one));
  return { world, outcomes, snapshot: snapshotOfModel(world) };
};

describe('the reference model, by the words of §2', () => {
  test('a reversal that comes first, then the earlier-dated confirmation: net 0 and no milestone', () => {
    const { snapshot } = outcomeOf(fact('reversed', 1), fact('confirmed', 2, { code: 'AAAAAAAAAA' }));
    expect(snapshot.attributions).toEqual(['kari · AAAAAAAAAA · reversed']);
    expect(snapshot.awards).toEqual([]);
  });

  test('a confirmation by member alone waits without an inbox item, until a registration names the member', () => {
    const waiting = outcomeOf(fact('confirmed', 2));
    expect(waiting.snapshot).toMatchObject({ attributions: [], cases: [] });
    const named = outcomeOf(fact('confirmed', 2), fact('registered', 3, { code: 'AAAAAAAAAA' }));
    expect(named.snapshot.totals).toEqual({ first: 1, second: 0 });
  });

  test('a decided member under another mentor’s code is one conflict, however often and however old', () => {
    const rival = fact('confirmed', 9, { code: 'BBBBBBBBBB' });
    const { snapshot, outcomes } = outcomeOf(fact('confirmed', 2, { code: 'AAAAAAAAAA' }), rival, rival);
    expect(outcomes).toEqual(['confirmed', 'conflict', 'conflict']);
    expect(snapshot.cases).toEqual(['conflict · kari · BBBBBBBBBB · open']);
  });

  test('the registration’s code decides, and a different code in the confirmation is a mismatch, no conflict', () => {
    const { snapshot } = outcomeOf(
      fact('registered', 5, { memberId: null, code: 'AAAAAAAAAA', registrationRef: 'r' }),
      fact('confirmed', 2, { code: 'BBBBBBBBBB', registrationRef: 'r' }),
    );
    expect(snapshot.attributions).toEqual([
      `kari · AAAAAAAAAA · confirmed · on ${day(2)} · credited ${day(0)} · code_mismatch`,
    ]);
    expect(snapshot.cases).toEqual([]);
  });

  test('a newer confirmation after a reversal re-instates within the gap, and is a new attribution after it', () => {
    const within = outcomeOf(
      fact('confirmed', 800, { code: 'AAAAAAAAAA' }),
      fact('reversed', 700),
      fact('confirmed', 335),
    );
    expect(within.snapshot.attributions).toEqual([
      `kari · AAAAAAAAAA · confirmed · on ${day(335)} · credited ${day(0)}`,
    ]);
    const beyond = outcomeOf(
      fact('confirmed', 800, { code: 'AAAAAAAAAA' }),
      fact('reversed', 700),
      fact('confirmed', 334, { code: 'BBBBBBBBBB' }),
    );
    expect(beyond.snapshot.attributions).toEqual([
      'kari · AAAAAAAAAA · reversed · superseded',
      `kari · BBBBBBBBBB · confirmed · on ${day(334)} · credited ${day(0)}`,
    ]);
    expect(beyond.snapshot.cases).toEqual([]);
  });

  test('shuffled and repeated, every member ends where the facts in order lead; two codes end with the first to arrive', () => {
    const random = seededRandom(20_261_121);
    const codes = [
      { code: 'AAAAAAAAAA', otherCode: 'AAAAAAAAAB' },
      { code: 'BBBBBBBBBB', otherCode: 'BBBBBBBBBC' },
    ];
    const histories = planHistories(random, codes, 2000, now - 100 * DAY_MS);
    for (const history of histories) {
      const inOrder = playFacts(worldOf(mentors, now), history.facts);
      const arrived = planDeliveries(random, [history], 5).map((delivery) => delivery.fact);
      const shuffled = playFacts(worldOf(mentors, now), arrived);
      if (history.rivals) expect(shuffled?.status).toBe(inOrder?.status);
      else expect(shuffled).toEqual(inOrder);
    }
  });
});
