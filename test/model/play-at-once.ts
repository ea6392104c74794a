import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { hostActor } from '../../src/engine/actor.ts';
import { testDatabase } from '../harness.ts';
import type { Command } from './commands.ts';
import { applyFact } from './facts.ts';
import { findSubject, type PersonCommand, playPerson } from './persons.ts';
import {
  type ConcreteFact,
  caseOf,
  concreteFact,
  currentOf,
  playOnAttribution,
  playOnCase,
  playOnModel,
  snapshotOfModel,
} from './play.ts';
import { findCases } from './play-both.ts';
import { snapshotOfEngine } from './read-engine.ts';
import { engineFact, type Stage } from './stage.ts';
import type { World } from './world.ts';

/** What runs at the same time: facts and what people do. Codes, rules and the calendar change in between. */
export type ConcurrentCommand = Extract<Command, { do: 'fact' }> | PersonCommand;

export const isConcurrent = (command: Command): command is ConcurrentCommand =>
  !['rotate', 'invalidate', 'advance', 'rules', 'zone'].includes(command.do);

/** One command as both sides are given it: what it is about is fixed before any of them runs. */
interface Play {
  /** null = its answer is not compared: a fact’s outcome has its own words. */
  readonly onEngine: () => Promise<string | null>;
  readonly onModel: (world: World) => string | null;
}

/**
 * Plays commands at the same time, each on an engine and a connection of its own, and looks for an order in which the model
 * ends where the engine has ended, with the same answers. The model goes on from there. Fails where there is no such order.
 */
export async function playAtOnce(stage: Stage, commands: readonly ConcurrentCommand[]): Promise<void> {
  const { adminPool } = await testDatabase();
  const plays: Play[] = [];
  const registered = new Set<string>();
  for (const command of commands) plays.push(await prepare(stage, command, registered));
  const answers = await meetAtSources(stage, plays);
  const reached = await snapshotOfEngine(adminPool, stage.orgId, stage.world);
  const tried: unknown[] = [];
  for (const order of ordersOf(plays.map((_, place) => place))) {
    const world = structuredClone(stage.world);
    const expected: (string | null)[] = [];
    for (const place of order) expected[place] = (plays[place] as Play).onModel(world);
    const ended = { answers: expected, snapshot: snapshotOfModel(world) };
    if (JSON.stringify(ended) === JSON.stringify({ answers, snapshot: reached })) {
      Object.assign(stage.world, world);
      await findCases(stage);
      return;
    }
    tried.push(ended);
  }
  expect({ commands, answers, snapshot: reached }).toEqual({ commands, ...(tried[0] as object) });
}

async function prepare(stage: Stage, command: ConcurrentCommand, registered: Set<string>): Promise<Play> {
  const { cast, orgId, world } = stage;
  const engine = stage.otherEngine();
  if (command.do === 'fact') {
    const fact = apart(concreteFact(world, cast, command), registered);
    const facts = [await engineFact(stage, fact)];
    return {
      onEngine: async () => {
        await engine.attributions.applyFacts({ orgId, actor: hostActor, facts });
        return null;
      },
      onModel: (own) => {
        applyFact(own, fact);
        return null;
      },
    };
  }
  const subject = await findSubject(stage, command);
  const onEngine = () => playPerson({ ...stage, engine }, command, subject);
  if (command.do === 'resolve' || command.do === 'reopen') {
    const number = caseOf(world, command)?.number;
    return { onEngine, onModel: (own) => (number === undefined ? 'nothing' : playOnCase(own, cast, command, number)) };
  }
  if ('member' in command && command.do !== 'learn' && command.do !== 'claim' && command.do !== 'erase') {
    const current = currentOf(world, command.member);
    const place = current === null ? -1 : world.attributions.indexOf(current);
    return {
      onEngine,
      onModel: (own) => {
        const attribution = own.attributions[place];
        return attribution === undefined ? 'nothing' : playOnAttribution(own, cast, command, attribution);
      },
    };
  }
  return { onEngine, onModel: (own) => playOnModel(own, cast, command, null) };
}

/** Which of two registrations of one code at one instant is the oldest is nobody's business: they are a millisecond apart. */
function apart(fact: ConcreteFact, registered: Set<string>): ConcreteFact {
  if (fact.kind !== 'registered') return fact;
  let at = fact.occurredAt as number;
  while (registered.has(`${fact.code} ${at}`)) at += 1;
  registered.add(`${fact.code} ${at}`);
  return { ...fact, occurredAt: at, registeredAt: at };
}

/** Starts all while another connection holds every source, so that they queue for one another, then lets them go. */
async function meetAtSources({ orgId }: Stage, plays: readonly Play[]): Promise<(string | null)[]> {
  const holder = await (await testDatabase()).adminPool.connect();
  try {
    await holder.query('begin');
    await holder.query('select from verve.sources where org_id = $1 for update', [orgId]);
    const running = plays.map((play) => play.onEngine());
    await Promise.race([Promise.allSettled(running), sleep(8)]);
    await holder.query('commit');
    return await Promise.all(running);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

function* ordersOf(places: readonly number[]): Generator<number[]> {
  if (places.length === 0) yield [];
  for (const first of places) {
    for (const rest of ordersOf(places.filter((place) => place !== first))) yield [first, ...rest];
  }
}
