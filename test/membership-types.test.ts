import { describe, expect, test } from 'vitest';
import { verify } from '../src/engine/verification/service.ts';
import { testDatabase } from './harness.ts';
import { collide, outcomeOf, setScene, totalsOf } from './scene.ts';
import { expectAllZero } from './zero-list.ts';

const { adminPool, database } = await testDatabase();

const open = () => setScene({ excludedTypes: ['supporter'] });
type Scene = Awaited<ReturnType<typeof open>>;

const register = (scene: Scene, memberId: string | null, registrationRef: string | null = null) =>
  scene.confirm(scene.one, memberId as string, { kind: 'registered', code: scene.codes[0], registrationRef });
const confirm = (scene: Scene, membershipType: string, registrationRef: string | null = null) =>
  scene.confirm(scene.one, 'kari', { membershipType, registrationRef });

/** How the member's attribution stands, after the whole record has been checked. */
async function standing({ orgId }: Scene) {
  await expectAllZero(adminPool, orgId);
  expect((await verify(database, orgId)).differences).toEqual([]);
  const { rows } = await adminPool.query<{ status: string; reason: string | null }>(
    'select status, rejection_reason as reason from verve.referral_attributions where org_id = $1',
    [orgId],
  );
  return rows;
}

describe('a membership of a type that never credits', () => {
  test('ends the registration of its member as not eligible, in either order of arrival', async () => {
    const first = await open();
    await register(first, 'kari');
    expect(await confirm(first, 'supporter')).toEqual({ outcome: 'notEligible' });
    const second = await open();
    expect(await confirm(second, 'supporter')).toEqual({ outcome: 'notEligible' });
    await register(second, 'kari');
    for (const scene of [first, second])
      expect(await standing(scene)).toEqual([{ status: 'rejected', reason: 'not_eligible' }]);
  });

  test('ends the registration whose reference it names, in either order of arrival', async () => {
    const first = await open();
    await register(first, null, 'form-1');
    await confirm(first, 'supporter', 'form-1');
    const second = await open();
    await confirm(second, 'supporter', 'form-1');
    await register(second, null, 'form-1');
    for (const scene of [first, second])
      expect(await standing(scene)).toEqual([{ status: 'rejected', reason: 'not_eligible' }]);
  });

  test('is answered alike however often it comes, asks nobody, and is credited once it has become another', async () => {
    const scene = await open();
    await register(scene, 'kari');
    for (let times = 0; times < 2; times += 1)
      expect(await confirm(scene, 'supporter')).toEqual({ outcome: 'notEligible' });
    await scene.confirm(scene.one, 'ola', { membershipType: 'supporter', code: scene.stage.cast.unknownCode });
    const items = await adminPool.query('select from verve.inbox_items where org_id = $1', [scene.orgId]);
    expect(items.rowCount).toBe(0);
    expect(await confirm(scene, 'full')).toMatchObject({ outcome: 'confirmed', total: 1 });
    expect(await standing(scene)).toEqual([{ status: 'confirmed', reason: null }]);
  });

  test('changes nothing about a credit that was given for another type', async () => {
    const scene = await open();
    await register(scene, 'kari');
    await confirm(scene, 'full');
    expect(await confirm(scene, 'supporter')).toMatchObject({ outcome: 'alreadyConfirmed' });
    expect(await totalsOf(scene)).toEqual([1, 0]);
    await standing(scene);
  });

  test('of a new membership after the gap leaves the ended one as it was', async () => {
    const scene = await open();
    await register(scene, 'kari');
    await confirm(scene, 'full');
    await scene.confirm(scene.one, 'kari', { kind: 'reversed' });
    scene.stage.world.now += 400 * 86_400_000;
    expect(await confirm(scene, 'supporter')).toEqual({ outcome: 'notEligible' });
    expect(await standing(scene)).toEqual([{ status: 'reversed', reason: null }]);
  });

  test('at the same time as its registration ends it all the same', async () => {
    for (const isFirst of [true, false]) {
      const scene = await open();
      const registering = () => register(scene, 'kari');
      const confirming = () => scene.confirm(scene.other, 'kari', { membershipType: 'supporter' });
      const results = isFirst
        ? await collide(scene, 'kari', registering, confirming)
        : await collide(scene, 'kari', confirming, registering);
      expect(results.map(outcomeOf).sort()).toEqual(['notEligible', 'registered']);
      expect(await standing(scene)).toEqual([{ status: 'rejected', reason: 'not_eligible' }]);
    }
  });
});
