import { expect, test } from 'vitest';
import { hostActor as actor } from '../src/engine/actor.ts';
import type { Fact } from '../src/engine/attributions/fact.ts';
import { testDatabase } from './harness.ts';
import { countDeadlocks } from './interleave.ts';
import { type Scene, setScene, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

// Every writer locks in one order: references, sources, codes, attributions, the rest, totals. Two orders would show as
// deadlocks: each costs a second, and four in a row an error.

const { adminPool } = await testDatabase();

const say = ({ orgId }: Scene, engine: Scene['one'], facts: Fact[]) =>
  engine.attributions.applyFacts({ orgId, actor, facts });

test('facts that name merged ids in any order never wait for one another in a circle', async () => {
  const scene = await setScene();
  const { orgId, one } = scene;
  await scene.confirm(one, 'b', { code: scene.codes[0] });
  await one.attributions.relinkMember({ orgId, actor, oldMemberId: 'z', newMemberId: 'b' });
  const before = await countDeadlocks(adminPool);
  const confirmed = (memberId: string): Fact => ({ kind: 'confirmed', memberId, source: 'webhook' });
  const engines = Array.from({ length: 4 }, () => scene.stage.otherEngine());
  for (let round = 0; round < 15; round += 1) {
    const work = engines.map((engine, place) =>
      say(scene, engine, (place % 2 === 0 ? ['b', 'z'] : ['z']).map(confirmed)),
    );
    await Promise.all(work);
  }
  expect(await countDeadlocks(adminPool)).toBe(before);
});

test.each([
  { size: 1, rounds: 10 },
  { size: 4, rounds: 15 },
])(
  'confirmations by reference and by code take the same registrations, $size at a time, without a circle',
  async ({ size, rounds }) => {
    const scene = await setScene();
    const before = await countDeadlocks(adminPool);
    const engines = Array.from({ length: 4 }, () => scene.stage.otherEngine());
    const names = Array.from({ length: 16 }, (_, place) => ({ code: scene.codes[place % 2] as string, place }));
    for (let round = 0; round < rounds; round += 1) {
      const refOf = (place: number) => `form-${round}-${place}`;
      await say(
        scene,
        scene.one,
        names.map(({ code, place }) => ({
          kind: 'registered',
          memberId: null,
          code,
          registrationRef: refOf(place),
          source: 'api',
        })),
      );
      const facts = names.map(({ code, place }): Fact => {
        // The last to register is the first to be confirmed.
        const registrationRef = place % 3 === 0 ? null : refOf(15 - place);
        return { kind: 'confirmed', memberId: `${round}-${place}`, code, registrationRef, source: 'webhook' };
      });
      await Promise.all(
        engines.map(async (engine, own) => {
          const mine = facts.filter((_, place) => place % 4 === own);
          while (mine.length > 0) await say(scene, engine, mine.splice(0, size));
        }),
      );
    }
    expect(await countDeadlocks(adminPool)).toBe(before);
    expect((await totalsOf(scene)).reduce((sum, total) => sum + total)).toBe(rounds * names.length);
    await expectAllZero(adminPool, scene.orgId);
  },
);
