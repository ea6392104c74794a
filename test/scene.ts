import { type Actor, hostActor } from '../src/engine/actor.ts';
import type { Fact, FactOutcome } from '../src/engine/attributions/fact.ts';
import type { Verve } from '../src/engine/verve.ts';
import { testDatabase } from './harness.ts';
import { inThisOrder } from './interleave.ts';
import { activeCodeOf } from './model/play.ts';
import { snapshotOfEngine } from './model/read-engine.ts';
import { type Stage, setStage } from './model/stage.ts';
import type { Settings } from './model/world.ts';
import { expectAllZero } from './zero-list.ts';

/**
 * An organisation in which two operations meet on real connections: each runs on an engine of its own, so that nothing is
 * combined; a connection of the test's own holds the row that both need, both are seen to wait for it, and it is let go.
 */
export interface Scene {
  stage: Stage;
  orgId: string;
  one: Verve;
  other: Verve;
  /** Active codes of the second and third mentor. */
  codes: readonly [string, string];
  mentorIds: readonly [string, string];
  confirm: (engine: Verve, memberId: string, more?: Partial<Fact>) => Promise<FactOutcome>;
  attributionOf: (memberId: string) => Promise<string>;
}

export async function setScene(settings: Partial<Settings> = {}): Promise<Scene> {
  const stage = await setStage(settings);
  const { orgId, cast, world } = stage;
  const { adminPool } = await testDatabase();
  const [one, other] = [stage.otherEngine(), stage.otherEngine()];
  const mentorIds = [cast.mentorIds[1], cast.mentorIds[2]] as [string, string];
  return {
    stage,
    orgId,
    one,
    other,
    mentorIds,
    codes: mentorIds.map((mentorId) => activeCodeOf(world, mentorId)) as [string, string],
    confirm: async (engine, memberId, more = {}) => {
      const facts: Fact[] = [{ kind: 'confirmed', memberId, source: 'webhook', ...more }];
      return (await engine.attributions.applyFacts({ orgId, actor: hostActor, facts }))[0] as FactOutcome;
    },
    attributionOf: async (memberId) => {
      const { rows } = await adminPool.query<{ id: string }>(
        `select attributions.id from verve.referral_attributions as attributions
         join verve.sources on sources.id = attributions.source_id
         where attributions.org_id = $1 and sources.ref = $2 and attributions.superseded_at is null`,
        [orgId, memberId],
      );
      return rows[0]?.id ?? 'none';
    },
  };
}

/** Runs both so that they meet at the member's source, the first before the second; the zero-list must be zero after. */
export async function collide<First, Second>(
  scene: Scene,
  memberId: string,
  first: () => Promise<First>,
  second: () => Promise<Second>,
): Promise<[PromiseSettledResult<First>, PromiseSettledResult<Second>]> {
  const { adminPool } = await testDatabase();
  await adminPool.query('insert into verve.sources (org_id, ref) values ($1, $2) on conflict do nothing', [
    scene.orgId,
    memberId,
  ]);
  const text = 'select from verve.sources where org_id = $1 and ref = $2 for update';
  const results = await inThisOrder({ adminPool, lock: { text, values: [scene.orgId, memberId] }, first, second });
  await expectAllZero(adminPool, scene.orgId);
  return results;
}

/** The credits of the two mentors. */
export async function totalsOf(scene: Scene): Promise<number[]> {
  const { totals } = await snapshotOfEngine((await testDatabase()).adminPool, scene.orgId, scene.stage.world);
  return scene.mentorIds.map((mentorId) => totals[mentorId] ?? 0);
}

/** The word that a call answered, or the code with which it refused. */
export const outcomeOf = (settled: PromiseSettledResult<{ outcome: string }>): string =>
  settled.status === 'fulfilled' ? settled.value.outcome : String((settled.reason as { code?: string }).code);

/** Somebody with a role, a new one each time. */
export const person = (role: 'coordinator' | 'org_admin' = 'coordinator'): Actor => ({
  kind: 'person',
  userId: crypto.randomUUID(),
  mentorId: null,
  roles: [{ role, branchId: null }],
});

export const settled = async <Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> =>
  (await Promise.allSettled([promise]))[0];
