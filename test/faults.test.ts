import { expect, test } from 'vitest';
import { killPostgresRepeatedly } from '../bench/faults/postgres-kills.ts';
import { killServerRepeatedly } from '../bench/faults/server-kills.ts';
import { hostActor } from '../src/engine/actor.ts';
import { createVerve } from '../src/engine/verve.ts';
import { makePool } from '../src/server/pool.ts';
import { testDatabase } from './harness.ts';
import { testSecret } from './harness-verve.ts';
import { activeCodeOf } from './model/play.ts';
import { setStage } from './model/stage.ts';
import { makeDataDir } from './programs.ts';
import { startTcpProxy } from './tcp-proxy.ts';
import { expectAllZero } from './zero-list.ts';

// The short version of `npm run soak:faults`.

/** An engine whose cable to PostgreSQL can be cut. */
async function engineOnACable() {
  const { appUrl, adminPool } = await testDatabase();
  const { orgId, world, cast } = await setStage();
  const address = new URL(appUrl);
  const proxy = await startTcpProxy({ host: address.hostname, port: Number(address.port) });
  address.port = String(proxy.port);
  const pool = makePool({ connectionString: address.href, max: 4, onIdleError: () => undefined });
  const engine = createVerve({ database: pool, secret: testSecret });
  const code = activeCodeOf(world, cast.mentorIds[1] as string) as string;
  const confirm = (newMemberId: string) =>
    engine.attributions.confirmRecruitment({ orgId, actor: hostActor, code, newMemberId });
  const credited = async (): Promise<number> => {
    const { rows } = await adminPool.query<{ credited: number }>(
      'select coalesce(sum(credited), 0)::int as credited from verve.mentor_totals where org_id = $1',
      [orgId],
    );
    return rows[0]?.credited ?? 0;
  };
  const close = async (): Promise<void> => {
    await pool.end();
    await proxy.close();
  };
  return { orgId, proxy, confirm, credited, close };
}

test('cut after COMMIT and before its reply: the credit is there, and sending again finds it', async () => {
  const { adminPool } = await testDatabase();
  const { orgId, proxy, confirm, credited, close } = await engineOnACable();
  await confirm('first');
  for (let n = 0; n < 20; n += 1) {
    proxy.cutAfterCommit(1);
    await expect(confirm(`member-${n}`)).rejects.toThrow();
    expect(await credited()).toBe(n + 2);
    expect((await confirm(`member-${n}`)).outcome).toBe('alreadyConfirmed');
  }
  expect(proxy.cuts.afterCommit).toBe(20);
  expect(await credited()).toBe(21);
  await expectAllZero(adminPool, orgId);
  await close();
});

test('cut before COMMIT arrives: nothing is there, and sending again credits once', async () => {
  const { adminPool } = await testDatabase();
  const { orgId, proxy, confirm, credited, close } = await engineOnACable();
  for (let n = 0; n < 10; n += 1) {
    proxy.cutBeforeCommit(1);
    await expect(confirm(`member-${n}`)).rejects.toThrow();
    expect((await confirm(`member-${n}`)).outcome).toBe('confirmed');
  }
  expect(proxy.cuts.beforeCommit).toBe(10);
  expect(await credited()).toBe(10);
  await expectAllZero(adminPool, orgId);
  await close();
});

test('kill -9 of the server in mid-work: every acknowledged delivery is credited, none twice', async () => {
  const { appUrl, pool, adminPool } = await testDatabase();
  const secret = 'an-invented-secret-of-forty-characters-x';
  const result = await killServerRepeatedly({ appUrl, pool, adminPool, secret, kills: 2, senders: 4 });
  expect(result).toMatchObject({ lost: [], doubled: 0, faults: {} });
  expect(result.acknowledged).toBeGreaterThan(10);
}, 180_000);

test('kill -9 of PostgreSQL in mid-work: every acknowledged confirmation is credited, none twice', async () => {
  const { dataDir, remove } = makeDataDir();
  const result = await killPostgresRepeatedly({ dataDir, kills: 2, senders: 4 });
  expect(result).toMatchObject({ lost: [], doubled: 0, faults: {} });
  expect(result.acknowledged).toBeGreaterThan(10);
  await remove();
}, 180_000);
