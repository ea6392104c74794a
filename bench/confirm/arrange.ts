import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Actor } from '../../src/engine/actor.ts';
import { createVerve } from '../../src/engine/verve.ts';

const actor: Actor = { kind: 'system', name: 'bench' };

export interface BenchOrganisation {
  readonly orgId: string;
  readonly slug: string;
  /** The `whsec_…` with which deliveries are signed. */
  readonly signingSecret: string;
  readonly codes: readonly string[];
}

/**
 * An organisation with so many mentors, a signing secret, and two endpoints that want credits and milestones. The
 * endpoints are paused: their deliveries are committed with the credit, which is what is measured; sending them is the
 * business of `bench:outbox`.
 */
export async function arrangeBench(options: {
  pool: Pool;
  adminPool: Pool;
  secret: string;
  mentors: number;
}): Promise<BenchOrganisation> {
  const { pool, adminPool, secret } = options;
  const verve = createVerve({ database: pool, secret, allowLoopbackEndpoints: true });
  const slug = `bench-${randomUUID().slice(0, 8)}`;
  const { orgId } = await verve.organisations.create({ actor, slug, name: 'Lydhør' });
  const { value } = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_signing' });
  for (const kind of ['generic', 'badge_service'] as const) {
    const eventTypes = ['recruitment.credited', 'milestone.reached'];
    await verve.webhookEndpoints.create({ orgId, actor }, { url: 'http://127.0.0.1:9/', kind, eventTypes });
  }
  await adminPool.query(
    `update verve.webhook_endpoints set paused_until = now() + interval '1 day' where org_id = $1`,
    [orgId],
  );
  const mentors = Array.from({ length: options.mentors }, () => ({
    mentorId: randomUUID(),
    displayName: 'Kari Fjell',
  }));
  await verve.mentors.createMany({ orgId, actor, mentors });
  await verve.codes.getOrCreateMany({ orgId, actor, mentorIds: mentors.map((mentor) => mentor.mentorId) });
  const { rows } = await adminPool.query<{ code: string }>('select code from verve.referral_codes where org_id = $1', [
    orgId,
  ]);
  if (value === null) throw new Error('The secret is not shown.');
  return { orgId, slug, signingSecret: value, codes: rows.map((row) => row.code) };
}
