import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { testDatabase } from './harness.ts';
import { type Command, histories } from './model/commands.ts';
import { applyFact } from './model/facts.ts';
import { plantedFaults, withFault } from './model/planted-faults.ts';
import { type ConcreteFact, concreteFact, snapshotOfModel } from './model/play.ts';
import { expectAgreement, playOnBoth } from './model/play-both.ts';
import { snapshotOfEngine } from './model/read-engine.ts';
import { replayRecord } from './model/replay.ts';
import { engineFact, type Stage, setStage } from './model/stage.ts';

// The suite's short version; a night's worth is VERVE_MODEL_RUNS=20000 VERVE_MODEL_LENGTH=24.
const RUNS = Number(process.env.VERVE_MODEL_RUNS ?? 45);
const LENGTH = Number(process.env.VERVE_MODEL_LENGTH ?? 14);
const SEED = process.env.VERVE_MODEL_SEED === undefined ? {} : { seed: Number(process.env.VERVE_MODEL_SEED) };

test('random histories leave the engine where they leave the model', async () => {
  await fc.assert(
    fc.asyncProperty(histories({ maxLength: LENGTH }), async (history) => {
      const stage = await setStage({ excludedTypes: ['supporter'] });
      for (const command of history) await playOnBoth(stage, command);
      await expectAgreement(stage);
    }),
    { numRuns: RUNS, ...SEED },
  );
}, 3_600_000);

test('facts in one batch count as if they had come one by one', async () => {
  await fc.assert(
    fc.asyncProperty(histories({ maxLength: LENGTH }), async (history) => {
      const stage = await setStage({ excludedTypes: ['supporter'] });
      const facts = fillIn(stage, history);
      await stage.engine.attributions.applyFacts({
        orgId: stage.orgId,
        actor: hostActor,
        facts: await Promise.all(facts.map((fact) => engineFact(stage, fact))),
      });
      for (const fact of facts) applyFact(stage.world, fact);
      await expectAgreement(stage);
    }),
    { numRuns: Math.ceil(RUNS / 3), ...SEED },
  );
}, 3_600_000);

test('random facts at the same time over several engines end as some order of them would', async () => {
  const { adminPool } = await testDatabase();
  await fc.assert(
    fc.asyncProperty(histories({ maxLength: LENGTH + 6 }), async (history) => {
      const stage = await setStage({ excludedTypes: ['supporter'] });
      const { orgId } = stage;
      // The record does not hold devices.
      const facts = fillIn(stage, history).map((fact) => ({ ...fact, device: null }));
      // Registrations without a member come first: "the oldest pending" is only defined among those that are there.
      const send = async (engine: Stage['engine'], fact: ConcreteFact): Promise<unknown> =>
        engine.attributions.applyFacts({ orgId, actor: hostActor, facts: [await engineFact(stage, fact)] });
      for (const fact of facts.filter((one) => one.memberId === null)) await send(stage.engine, fact);
      const engines = Array.from({ length: 4 }, stage.otherEngine);
      const others = facts.filter((one) => one.memberId !== null);
      await Promise.all(others.map((fact, index) => send(engines[index % engines.length] as Stage['engine'], fact)));
      expect(await replayRecord(adminPool, orgId, stage.world)).toBe(facts.length);
      await expectAgreement(stage);
    }),
    { numRuns: RUNS, ...SEED },
  );
}, 3_600_000);

test.each(plantedFaults)(
  'a planted fault is caught: $name',
  async (fault) => {
    const { adminPool } = await testDatabase();
    const found = await withFault(adminPool, fault, () =>
      fc.check(
        fc.asyncProperty(histories({ maxLength: 30 }), async (history) => {
          const stage = await setStage({ excludedTypes: ['supporter'] });
          for (const command of history) await playOnBoth(stage, command);
          expect(await snapshotOfEngine(adminPool, stage.orgId, stage.world)).toEqual(snapshotOfModel(stage.world));
        }),
        { numRuns: 300, endOnFailure: true },
      ),
    );
    expect(found.failed).toBe(true);
  },
  120_000,
);

/** The facts of a history with their repeats, all of one moment. */
function fillIn(stage: Stage, history: readonly Command[]): ConcreteFact[] {
  const facts: ConcreteFact[] = [];
  const taken = new Set<string>();
  for (const command of history) {
    if (command.do !== 'fact') continue;
    let fact = concreteFact(stage.world, stage.cast, command);
    if (fact.kind === 'registered') {
      let at = fact.occurredAt as number;
      while (taken.has(`${fact.code} ${at}`)) at += 1;
      taken.add(`${fact.code} ${at}`);
      fact = { ...fact, occurredAt: at, registeredAt: at };
    }
    for (let times = command.times; times > 0; times -= 1) facts.push(fact);
  }
  return facts;
}
