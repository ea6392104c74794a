import type { Pool } from 'pg';
import { type Acknowledged, type Reader, readZeroList } from '../../test/zero-list.ts';
import { type Arranged, arrange, openEngines } from './arrange.ts';
import { deliverAll } from './deliver.ts';
import { findShuffleDifferences, type ShuffleDifference } from './differences.ts';
import { type MemberHistory, planDeliveries, planHistories } from './plan.ts';
import { plants } from './plants.ts';
import { seededRandom } from './random.ts';

export interface ShuffleOptions {
  readonly appUrl: string;
  readonly appPool: Pool;
  /** The owner's: sees every row. */
  readonly adminPool: Pool;
  readonly histories: number;
  readonly seed: number;
  /** (Default: 20) */
  readonly mostRepeats?: number;
  /** (Default: 8) */
  readonly connections?: number;
  /** (Default: 40) */
  readonly mentors?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Shuffled {
  readonly arranged: Arranged;
  readonly histories: readonly MemberHistory[];
  readonly acknowledged: readonly Acknowledged[];
  readonly now: number;
  readonly seconds: number;
}

/** Delivers everything. Nothing is checked yet. */
export async function shuffle(options: ShuffleOptions): Promise<Shuffled> {
  const random = seededRandom(options.seed);
  const arranged = await arrange(options.appPool, options.adminPool, options.mentors ?? 40);
  const now = Date.now();
  const codes = arranged.mentors.map((mentor) => ({
    code: mentor.codes[1] as string,
    otherCode: mentor.codes[0] as string,
  }));
  const histories = planHistories(random, codes, options.histories, now - 100 * 86_400_000);
  const deliveries = planDeliveries(random, histories, options.mostRepeats ?? 20);
  const { engines, close } = openEngines(options.appUrl, options.connections ?? 8);
  const startedAt = performance.now();
  try {
    const acknowledged = await deliverAll({
      engines,
      orgId: arranged.orgId,
      deliveries,
      random,
      onProgress: (done) => options.onProgress?.(done, deliveries.length),
    });
    return { arranged, histories, acknowledged, now, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await close();
  }
}

export interface ShuffleVerdict {
  /** Z1 to Z12 and `differences`: how many of each. All must be zero. */
  readonly counts: Record<string, number>;
  readonly differences: readonly ShuffleDifference[];
}

/** Checks what a shuffle left behind. */
export async function judge(reader: Reader, shuffled: Shuffled): Promise<ShuffleVerdict> {
  const { arranged, histories, acknowledged, now } = shuffled;
  const { orgId, mentors } = arranged;
  const differences = await findShuffleDifferences(reader, orgId, mentors, histories, now);
  const counts = { ...(await readZeroList(reader, orgId, acknowledged)), differences: differences.length };
  return { counts, differences };
}

/** Plants one damage for each line of the list and says which line did not notice. Leaves the database as it was. */
export async function findBlindChecks(adminPool: Pool, shuffled: Shuffled): Promise<string[]> {
  const blind: string[] = [];
  for (const { name, damage } of plants) {
    const client = await adminPool.connect();
    try {
      await client.query('begin');
      for (const statement of damage) await client.query(statement.replaceAll('$1', shuffled.arranged.orgId));
      const { counts } = await judge(client, shuffled);
      if ((counts[name] ?? 0) === 0) blind.push(name);
    } finally {
      await client.query('rollback');
      client.release();
    }
  }
  return blind;
}
