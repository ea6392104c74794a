import { expect } from 'vitest';
import { hostActor } from '../../src/engine/actor.ts';
import { verify } from '../../src/engine/verification/service.ts';
import { testDatabase } from '../harness.ts';
import { expectAllZero } from '../zero-list.ts';
import type { Command } from './commands.ts';
import { applyFact } from './facts.ts';
import { findSubject, playPerson } from './persons.ts';
import { concreteFact, describeCase, playOnModel, snapshotOfModel } from './play.ts';
import { readCases, snapshotOfEngine } from './read-engine.ts';
import { engineFact, type Stage } from './stage.ts';

/** Plays one command on both sides, the engine first, because it makes the codes. */
export async function playOnBoth(stage: Stage, command: Command): Promise<void> {
  const { world, cast, orgId, engine } = stage;
  switch (command.do) {
    case 'fact': {
      let fact = concreteFact(world, cast, command);
      for (let times = command.times; times > 0; times -= 1) {
        // Somebody else who registers without a reference a millisecond later; anything else is the same once more.
        if (fact.kind === 'registered' && fact.memberId === null) fact = concreteFact(world, cast, command);
        await engine.attributions.applyFacts({ orgId, actor: hostActor, facts: [await engineFact(stage, fact)] });
        applyFact(world, fact);
      }
      break;
    }
    case 'rotate':
    case 'invalidate': {
      const newCode = await stage.endCode(cast.mentorIds[command.mentor] as string, command.do);
      playOnModel(world, cast, command, newCode);
      break;
    }
    case 'advance':
    case 'rules':
    case 'zone':
      playOnModel(world, cast, command, null);
      if (command.do !== 'advance') await stage.saveSettings();
      break;
    default: {
      const answer = await playPerson(stage, command, await findSubject(stage, command));
      expect(answer).toBe(playOnModel(world, cast, command, null));
    }
  }
  await findCases(stage);
}

/** Finds the inbox items of the model's new cases. */
export async function findCases({ orgId, world, caseIds }: Stage): Promise<void> {
  const fresh = world.cases.filter((one) => !caseIds.has(one.number));
  if (fresh.length === 0) return;
  const items = (await readCases((await testDatabase()).adminPool, orgId)).filter(
    (item) => ![...caseIds.values()].includes(item.inboxItemId),
  );
  for (const one of fresh) {
    const place = items.findIndex(
      (item) => item.kind === one.kind && item.memberId === one.memberId && item.code === one.code,
    );
    const [item] = place < 0 ? [] : items.splice(place, 1);
    expect(item, `an inbox item for ${describeCase(one)}`).toBeDefined();
    caseIds.set(one.number, item?.inboxItemId ?? '');
  }
}

/** Fails unless database and model agree, every line of the zero-list is zero, and `verify` finds nothing. */
export async function expectAgreement(stage: Stage): Promise<void> {
  const { adminPool, database } = await testDatabase();
  expect(await snapshotOfEngine(adminPool, stage.orgId, stage.world)).toEqual(snapshotOfModel(stage.world));
  await expectAllZero(adminPool, stage.orgId);
  expect((await verify(database, stage.orgId)).differences).toEqual([]);
}
