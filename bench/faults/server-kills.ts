import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Program, startVerve, waitForOutput } from '../../test/programs.ts';
import { readZeroList } from '../../test/zero-list.ts';
import { arrangeBench } from '../confirm/arrange.ts';
import { compareAcknowledged } from './kill.ts';
import { makeSender } from './sender.ts';

export interface FaultResult {
  readonly acknowledged: number;
  readonly retries: number;
  readonly kills: number;
  readonly lost: readonly string[];
  readonly doubled: number;
  /** The lines of the zero-list that are not zero. */
  readonly faults: Record<string, number>;
}

/**
 * Kills `verve serve` with SIGKILL so many times while deliveries stream in, and starts it again each time. Senders send
 * the same delivery again until it is acknowledged.
 */
export async function killServerRepeatedly(options: {
  appUrl: string;
  pool: Pool;
  adminPool: Pool;
  secret: string;
  kills: number;
  senders: number;
  onKill?: (count: number) => void;
}): Promise<FaultResult> {
  const { appUrl, pool, adminPool, secret } = options;
  const organisation = await arrangeBench({ pool, adminPool, secret, mentors: 20 });
  const { orgId, codes } = organisation;
  let url: string | null = null;
  const start = async (): Promise<Program> => {
    const server = startVerve(['serve'], { PORT: '0', DATABASE_URL: appUrl, VERVE_SECRET: secret });
    url = (await waitForOutput(server, /ready at (http:\S+)/))[1] ?? null;
    return server;
  };
  const { send, retries } = makeSender({ ...organisation, url: () => url });

  let server = await start();
  let isOver = false;
  let member = 0;
  const memberIds: string[] = [];
  const sending = Promise.all(
    Array.from({ length: options.senders }, async () => {
      while (!isOver) {
        member += 1;
        const memberId = `member-${member}`;
        await send(memberId, codes[member % codes.length] as string);
        memberIds.push(memberId);
      }
    }),
  );
  for (let kill = 1; kill <= options.kills; kill += 1) {
    const enough = memberIds.length + 5 + Math.random() * 20;
    while (memberIds.length < enough) await sleep(5);
    await sleep(Math.random() * 50);
    url = null;
    server.process.kill('SIGKILL');
    await server.ended;
    server = await start();
    options.onKill?.(kill);
  }
  await sleep(200);
  isOver = true;
  await sending;
  const { lost, doubled } = await compareAcknowledged(adminPool, orgId, memberIds, 90_000);
  server.process.kill('SIGTERM');
  await server.ended;
  const counts = await readZeroList(adminPool, orgId);
  const faults = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { acknowledged: memberIds.length, retries: retries(), kills: options.kills, lost, doubled, faults };
}
