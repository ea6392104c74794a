import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Actor } from '../../src/engine/actor.ts';
import { createVerve, type Verve } from '../../src/engine/verve.ts';
import { makePool } from '../../src/server/pool.ts';
import type { PlanMentor } from './expected.ts';

export const SECRET = 'the secret of a shuffle, which lives as long as its database';
export const system: Actor = { kind: 'system', name: 'shuffle' };

/** The organisation that everything is delivered to. */
export interface Arranged {
  readonly orgId: string;
  readonly mentors: readonly PlanMentor[];
}

/** Makes an organisation whose mentors have two codes each, the first one rotated just now, and an endpoint that wants all events. */
export async function arrange(appPool: Pool, adminPool: Pool, mentorCount: number): Promise<Arranged> {
  const verve = createVerve({ database: appPool, secret: SECRET });
  const { orgId } = await verve.organisations.create({
    actor: system,
    slug: `shuffle-${randomUUID()}`,
    name: 'Lydhør',
  });
  await adminPool.query(
    `update verve.organisations set settings = jsonb_set(settings, '{rules}', '{"velocityPerHour": 100000}') where id = $1`,
    [orgId],
  );
  await adminPool.query(
    `insert into verve.webhook_endpoints (org_id, url, sealed_secret, created_by) values ($1, 'https://badges.example.no', '', 'shuffle')`,
    [orgId],
  );
  const given = Array.from({ length: mentorCount }, () => ({ mentorId: randomUUID(), displayName: 'Solveig Fjell' }));
  await verve.mentors.createMany({ orgId, actor: system, mentors: given });
  for (const { mentorId } of given) {
    await verve.codes.getOrCreate({ orgId, actor: system, mentorId });
    await verve.codes.rotateCode({ orgId, actor: system, mentorId });
  }
  const { rows } = await adminPool.query<{ mentorId: string; codes: string[] }>(
    `select mentor_id as "mentorId", array_agg(code order by rotation_sequence) as codes
     from verve.referral_codes where org_id = $1 group by mentor_id order by mentor_id`,
    [orgId],
  );
  return { orgId, mentors: rows };
}

/** So many engines with one connection each, as so many servers would be. */
export function openEngines(appUrl: string, count: number): { engines: Verve[]; close: () => Promise<void> } {
  const pools = Array.from({ length: count }, () => makePool({ connectionString: appUrl, max: 1 }));
  return {
    engines: pools.map((pool) => createVerve({ database: pool, secret: SECRET })),
    close: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}
