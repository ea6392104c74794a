import { expect } from 'vitest';
import { hostActor } from '../../src/engine/actor.ts';
import { verify } from '../../src/engine/verification/service.ts';
import { testDatabase } from '../harness.ts';
import { expectAllZero } from '../zero-list.ts';
import type { Command } from './commands.ts';
import { applyFact } from './facts.ts';
import { playPerson } from './persons.ts';
import { concreteFact, playOnModel, snapshotOfModel } from './play.ts';
import { snapshotOfEngine } from './read-engine.ts';
import { engineFact, type Stage } from './stage.ts';

/** Plays one command on both sides, the engine first, because it makes the codes. */
export async function playOnBoth(stage: Stage, command: Command): Promise<void> {
  const { world, cast, orgId, engine } = stage;
  if (command.do === 'fact') {
    const fact = concreteFact(world, cast, command);
    for (let times = command.times; times > 0; times -= 1) {
      await engine.attributions.applyFacts({ orgId, actor: hostActor, facts: [engineFact(fact)] });
      applyFact(world, fact);
    }
    return;
  }
  if (command.do === 'rotate' || command.do === 'invalidate') {
    const newCode = await stage.endCode(cast.mentorIds[command.mentor] as string, command.do);
    playOnModel(world, cast, command, newCode);
    return;
  }
  if (command.do !== 'advance' && command.do !== 'review') {
    const answer = await playPerson(stage, command);
    const expected = playOnModel(world, cast, command, null);
    expect(answer === 'refused').toBe(expected === 'refused');
    return;
  }
  playOnModel(world, cast, command, null);
  if (command.do === 'review') await stage.saveSettings();
}

/** Fails unless database and model agree, every line of the zero-list is zero, and `verify` finds nothing. */
export async function expectAgreement(stage: Stage): Promise<void> {
  const { adminPool, database } = await testDatabase();
  expect(await snapshotOfEngine(adminPool, stage.orgId, stage.world)).toEqual(snapshotOfModel(stage.world));
  await expectAllZero(adminPool, stage.orgId);
  expect((await verify(database, stage.orgId)).differences).toEqual([]);
}
