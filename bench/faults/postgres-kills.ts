import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostActor } from '../../src/engine/actor.ts';
import { createVerve } from '../../src/engine/verve.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { migrate } from '../../src/server/migrate.ts';
import { makePool } from '../../src/server/pool.ts';
import { readZeroList } from '../../test/zero-list.ts';
import { arrangeBench } from '../confirm/arrange.ts';
import { compareAcknowledged, killPostgres, startAgain } from './kill.ts';
import type { FaultResult } from './server-kills.ts';

/**
 * Kills PostgreSQL with SIGKILL so many times while facts stream in, starts it again on the same folder, and looks for
 * every acknowledged one. `settings` makes the control: with `synchronous_commit` off, acknowledged facts must be lost,
 * else the test proves nothing.
 */
export async function killPostgresRepeatedly(options: {
  dataDir: string;
  kills: number;
  senders: number;
  settings?: Readonly<Record<string, string>>;
  onKill?: (count: number) => void;
}): Promise<FaultResult> {
  const { dataDir } = options;
  const starting = { dataDir, ...(options.settings === undefined ? {} : { settings: options.settings }) };
  const secret = randomUUID().repeat(2);
  let cluster = await startEmbeddedPostgres(starting);
  await migrate({ adminUrl: cluster.url('owner'), appPassword: cluster.passwords.app });
  const open = () => ({
    pool: makePool({ connectionString: cluster.url('app'), connectTimeoutMs: 1000, onIdleError: () => undefined }),
    adminPool: makePool({ connectionString: cluster.url('owner'), max: 2, onIdleError: () => undefined }),
  });
  let pools = open();
  const { orgId, codes } = await arrangeBench({ ...pools, secret, mentors: 20 });
  await checkpoint(cluster);
  let engine = createVerve({ database: pools.pool, secret });

  let isOver = false;
  let member = 0;
  let retries = 0;
  const memberIds: string[] = [];
  const confirm = async (memberId: string, code: string): Promise<void> => {
    for (;;) {
      try {
        await engine.attributions.confirmRecruitment({ orgId, actor: hostActor, code, newMemberId: memberId });
        memberIds.push(memberId);
        return;
      } catch {
        retries += 1;
        await sleep(20);
      }
    }
  };
  const sending = Promise.all(
    Array.from({ length: options.senders }, async () => {
      while (!isOver) {
        member += 1;
        await confirm(`member-${member}`, codes[member % codes.length] as string);
      }
    }),
  );
  for (let kill = 1; kill <= options.kills; kill += 1) {
    const enough = memberIds.length + 5 + Math.random() * 50;
    while (memberIds.length < enough) await sleep(2);
    await sleep(Math.random() * 20);
    await killPostgres(cluster);
    const ended = pools;
    cluster = await startAgain(starting);
    pools = open();
    engine = createVerve({ database: pools.pool, secret });
    await Promise.allSettled([ended.pool.end(), ended.adminPool.end()]);
    options.onKill?.(kill);
  }
  isOver = true;
  await sending;
  const { lost, doubled } = await compareAcknowledged(pools.adminPool, orgId, memberIds, 0);
  const counts = await readZeroList(pools.adminPool, orgId);
  await Promise.all([pools.pool.end(), pools.adminPool.end()]);
  await cluster.stop();
  const faults = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { acknowledged: memberIds.length, retries, kills: options.kills, lost, doubled, faults };
}

/** What was arranged is on disk, also where commits are not: the control shall lose facts, not the organisation. */
async function checkpoint(cluster: EmbeddedPostgres): Promise<void> {
  const pool = makePool({ connectionString: cluster.url('superuser'), max: 1 });
  await pool.query('checkpoint');
  await pool.end();
}
