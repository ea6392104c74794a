import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { createVerve, type Verve } from '../../src/engine/verve.ts';
import { makePool } from '../../src/server/pool.ts';
import { system as actor, testSecret } from '../harness-verve.ts';

/** Who asks, as the platform's API would: a role of the database, and the claims of a token. */
export interface Asker {
  readonly role: 'authenticated' | 'anon' | 'service_role';
  readonly claims: Record<string, unknown> | null;
}

/** Two organisations with people of every kind, each with something that the other must not see. */
export interface World {
  readonly verve: Verve;
  readonly pool: Pool;
  readonly orgId: string;
  readonly northMentorId: string;
  readonly askers: Readonly<Record<string, Asker>>;
}

function signedIn(userId: string, more: Record<string, unknown> = {}): Asker {
  return { role: 'authenticated', claims: { sub: userId, role: 'authenticated', is_anonymous: false, ...more } };
}

/** Fills a migrated database. */
export async function makeWorld(appUrl: string): Promise<World> {
  const pool = makePool({ connectionString: appUrl, max: 4 });
  const verve = createVerve({ database: pool, secret: testSecret });
  const people = { north: randomUUID(), south: randomUUID(), branch: randomUUID(), whole: randomUUID() };
  const ours = await makeOrganisation(verve, 'lydhor', people);
  const admin = randomUUID();
  await verve.roles.grant({ orgId: ours.orgId, actor, userId: admin, role: 'org_admin', branchId: null });
  const others = { north: randomUUID(), south: randomUUID(), branch: randomUUID(), whole: randomUUID() };
  await makeOrganisation(verve, 'vestland', others);
  return {
    verve,
    pool,
    orgId: ours.orgId,
    northMentorId: ours.northMentorId,
    askers: {
      mentor: signedIn(people.north),
      'coordinator of the branch': signedIn(people.branch),
      'coordinator of the whole': signedIn(people.whole),
      admin: signedIn(admin),
      'mentor elsewhere': signedIn(others.north),
      stranger: signedIn(randomUUID()),
      'anonymous user': signedIn(people.north, { is_anonymous: true }),
      'self-made admin': signedIn(randomUUID(), {
        user_metadata: { verve_roles: [{ organisation: 'lydhor', role: 'org_admin' }] },
      }),
      'nobody signed in': { role: 'anon', claims: null },
      'secret key': { role: 'service_role', claims: { role: 'service_role' } },
    },
  };
}

/** One organisation with live figures: two branches with a mentor each, two coordinators, two credits, one open case. */
async function makeOrganisation(
  verve: Verve,
  slug: string,
  people: { north: string; south: string; branch: string; whole: string },
): Promise<{ orgId: string; northMentorId: string }> {
  const { orgId } = await verve.organisations.create({ actor, slug, name: slug });
  const settings = { mentors: { figures: 'live' as const } };
  await verve.organisations.update({ orgId, actor, change: { settings, linkDomains: ['verv.example.no'] } });
  const mentorIds: string[] = [];
  for (const name of ['north', 'south'] as const) {
    const { branchId } = await verve.branches.create({ orgId, actor, name, kind: 'county', parentId: null });
    const made = await verve.mentors.create({ orgId, actor, displayName: name, userId: people[name], branchId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const { mentorId } = made.mentor;
    mentorIds.push(mentorId);
    const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (!('code' in issued)) throw new Error(issued.outcome);
    const { code } = issued.code;
    await verve.shares.record({ orgId, actor, mentorId, channel: 'sms' });
    await verve.attributions.confirmRecruitment({ orgId, actor, code, newMemberId: `${slug}-${name}` });
    if (name === 'north') {
      await verve.roles.grant({ orgId, actor, userId: people.branch, role: 'coordinator', branchId });
    }
  }
  await verve.roles.grant({ orgId, actor, userId: people.whole, role: 'coordinator', branchId: null });
  await verve.attributions.confirmRecruitment({ orgId, actor, code: 'ZZZZZZZZZZ', newMemberId: `${slug}-unknown` });
  const url = 'https://hooks.example.org/verve';
  await verve.webhookEndpoints.create({ orgId, actor }, { url });
  await verve.apiKeys.create({ orgId, actor, name: 'sync', scopes: ['attributions:confirm'] });
  return { orgId, northMentorId: mentorIds[0] as string };
}

/** Asks as the platform's API does: logged in as `authenticator`, role and claims for one transaction. */
export async function ask(
  authenticator: Pool,
  asker: Asker,
  statement: string,
): Promise<{ rows: Record<string, unknown>[]; refusal: string | null }> {
  const client = await authenticator.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)`, [
      asker.role,
      asker.claims === null ? '' : JSON.stringify(asker.claims),
    ]);
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return { rows, refusal: null };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return { rows: [], refusal: code };
  } finally {
    await client.query('rollback');
    client.release();
  }
}
