import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/server/embedded-postgres.ts';
import { isAlive } from '../../src/server/postmaster.ts';

/** Kills PostgreSQL's postmaster with SIGKILL, as a machine's out-of-memory killer would; its processes follow by themselves. */
export async function killPostgres(cluster: EmbeddedPostgres): Promise<void> {
  process.kill(cluster.pid, 'SIGKILL');
  while (isAlive(cluster.pid)) await sleep(5);
}

/** Starts it again on the same folder: waits until the killed one's processes have let go of it. */
export async function startAgain(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startEmbeddedPostgres(options);
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(250);
    }
  }
}

/** Acknowledged members who are not credited, and credits beyond one each. Waits for what was stored to be applied. */
export async function compareAcknowledged(
  pool: Pick<Pool, 'query'>,
  orgId: string,
  memberIds: readonly string[],
  patienceMs: number,
): Promise<{ lost: string[]; doubled: number }> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await pool.query<{ ref: string; credits: number }>(
      `select sources.ref, count(*)::int as credits
       from verve.referral_attributions as attributions join verve.sources on sources.id = attributions.source_id
       where attributions.org_id = $1 and attributions.is_credited group by sources.ref`,
      [orgId],
    );
    const credited = new Map(rows.map((row) => [row.ref, row.credits]));
    const lost = memberIds.filter((memberId) => !credited.has(memberId));
    const doubled = rows.filter((row) => row.credits > 1).length;
    if (lost.length === 0 || performance.now() > deadline) return { lost, doubled };
    await sleep(200);
  }
}
