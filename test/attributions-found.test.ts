import { expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { testDatabase } from './harness.ts';
import type { Command } from './model/commands.ts';
import { snapshotOfModel } from './model/play.ts';
import { expectAgreement, playOnBoth } from './model/play-both.ts';
import { setStage } from './model/stage.ts';
import { DAY_MS } from './model/world.ts';

// Histories in which engine and model once differed, shrunk by fast-check, each with the sentence that was broken.

type FactCommand = Command & { do: 'fact' };

const fact = (kind: FactCommand['kind'], member: number | null, more: Partial<FactCommand> = {}): Command => ({
  do: 'fact',
  kind,
  member,
  code: 'none',
  ref: null,
  registeredAgo: null,
  occurredAgo: null,
  times: 1,
  ...more,
});

const found: readonly { sentence: string; history: readonly Command[]; credits: number }[] = [
  {
    sentence: 'reassigning a removed attribution does not bring it back',
    history: [
      fact('confirmed', 1, { code: { made: 1 } }),
      { do: 'remove', member: 1, coordinator: 0 },
      { do: 'reassign', member: 1, mentor: 0, coordinator: 0 },
    ],
    credits: 0,
  },
  {
    sentence: 'a mentor cannot be credited for himself under a member id that was merged into his own',
    history: [{ do: 'relink', from: 1, to: 0 }, fact('confirmed', 1, { code: { made: 0 } })],
    credits: 0,
  },
  {
    sentence: 'a mentor whose own member id is merged away is still not credited for himself',
    history: [{ do: 'relink', from: 0, to: 1 }, fact('confirmed', 1, { code: { made: 0 } })],
    credits: 0,
  },
  {
    sentence: 'a mentor whose own member id is merged away by an id merged into it is still not credited for himself',
    history: [
      { do: 'relink', from: 1, to: 0 },
      { do: 'relink', from: 1, to: 2 },
      fact('confirmed', 1, { code: { made: 0 } }),
      { do: 'reassign', member: 1, mentor: 0, coordinator: 0 },
    ],
    credits: 0,
  },
  {
    sentence: 'of two members who wait for one registration reference the first to arrive is tied to it',
    history: [
      fact('confirmed', 1, { ref: 0 }),
      fact('registered', 2, { ref: 0 }),
      fact('registered', null, { code: { made: 0 }, ref: 0 }),
    ],
    credits: 1,
  },
  {
    sentence: 'a new attribution under a used reference is as late as its registration was',
    history: [
      { do: 'rotate', mentor: 1 },
      fact('registered', 1, { code: { made: 1 }, ref: 0 }),
      fact('confirmed', 2, { code: { made: 0 }, ref: 0 }),
    ],
    credits: 1,
  },
  {
    sentence: 'a kept reversal that ends a pending does not make the fact that links it a conflict',
    history: [
      fact('registered', null, { code: { made: 1 }, ref: 2 }),
      fact('reversed', 1, { code: { made: 0 } }),
      fact('reversed', 1, { code: { made: 0 }, ref: 2 }),
    ],
    credits: 0,
  },
  {
    sentence: 'a confirmation that waited under an ended code of the same mentor is no mismatch',
    history: [
      { do: 'invalidate', mentor: 1 },
      { do: 'advance', ms: DAY_MS },
      fact('confirmed', 1, { code: { made: 1 } }),
      fact('registered', 1, { code: { made: 3 } }),
    ],
    credits: 1,
  },
];

test.each(found)('$sentence', async ({ history, credits }) => {
  const stage = await setStage();
  for (const command of history) await playOnBoth(stage, command);
  await expectAgreement(stage);
  const { totals } = snapshotOfModel(stage.world);
  expect(Object.values(totals).reduce((sum, total) => sum + total, 0)).toBe(credits);
});

test('a confirmation and the registration it waits for credit also when they come in one batch', async () => {
  const { orgId, engine, world } = await setStage();
  const code = [...world.codes.keys()][1] as string;
  await engine.attributions.applyFacts({
    orgId,
    actor: hostActor,
    facts: [
      { kind: 'confirmed', memberId: 'member-1', registrationRef: 'r', source: 'webhook' },
      { kind: 'registered', memberId: null, registrationRef: 'r', code, source: 'webhook' },
    ],
  });
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query('select credited from verve.mentor_totals where org_id = $1', [orgId]);
  expect(rows).toEqual([{ credited: 1 }]);
});
