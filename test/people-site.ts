import { randomUUID } from 'node:crypto';
import type { Site, Tenant } from './http-site.ts';

/** Two organisations with everything in them, and one person for each kind of caller. */
export interface Population {
  own: Tenant;
  foreign: Tenant;
  /** Mentors of the own organisation: in scope of the branch coordinator, in another branch, in none. */
  mentors: Record<'near' | 'far' | 'free', { mentorId: string; userId: string; token: string }>;
  foreignMentorId: string;
  people: Record<Person, { userId: string; token: string; claims: Record<string, unknown> }>;
  /** What the foreign organisation made with the ids of the near mentor and the near branch: its own, and nobody else's. */
  twin: { mentorId: string };
  /** Ids of rows of the foreign organisation, by the noun of their path. */
  foreignIds: Record<string, string>;
  /** The same of the own organisation, of the mentor in the other branch. */
  farIds: Record<string, string>;
}

export const personKinds = [
  'mentor',
  'branchCoordinator',
  'countyCoordinator',
  'coordinator',
  'admin',
  'foreignAdmin',
  'nobody',
  'anonymous',
] as const;
export type Person = (typeof personKinds)[number];

/** Fills two organisations through the API, so that every noun has rows in both. */
export async function populate(site: Site): Promise<Population> {
  const own = await site.organisation();
  const foreign = await site.organisation();
  const county = await own.branch('Vestland fylkeslag');
  const near = await own.branch('Bergen', county);
  const far = await own.branch('Oslo');
  const mentors = {
    near: await own.mentor({ branchId: near }),
    far: await own.mentor({ branchId: far }),
    free: await own.mentor(),
  };
  const foreignMentor = await foreign.mentor();
  const twinBranch = await foreign.branch('Bergen', null, near);
  const twin = await foreign.mentor({ branchId: twinBranch, mentorId: mentors.near.mentorId });
  await recruit(site, own, mentors.near.mentorId);
  await recruit(site, own, mentors.free.mentorId);
  const farIds = {
    ...(await recruit(site, own, mentors.far.mentorId)),
    mentors: mentors.far.mentorId,
    branches: far,
    organisations: own.orgId,
  };
  await recruit(site, foreign, twin.mentorId);
  const foreignIds = {
    ...(await recruit(site, foreign, foreignMentor.mentorId)),
    mentors: foreignMentor.mentorId,
    branches: await foreign.branch('Elsewhere'),
    organisations: foreign.orgId,
  };
  const nobody = randomUUID();
  const people = {
    mentor: { ...mentors.near, claims: {} },
    branchCoordinator: { ...(await own.person('coordinator', near)), claims: {} },
    countyCoordinator: { ...(await own.person('coordinator', county)), claims: {} },
    coordinator: { ...(await own.person('coordinator')), claims: {} },
    admin: { ...(await own.person('org_admin')), claims: {} },
    foreignAdmin: { ...(await foreign.person('org_admin')), claims: {} },
    nobody: { userId: nobody, token: await site.tokenOf(nobody), claims: {} },
    anonymous: { ...(await own.person('org_admin')), claims: { is_anonymous: true } },
  };
  return { own, foreign, mentors, foreignMentorId: foreignMentor.mentorId, twin, people, foreignIds, farIds };
}

/** One of everything for a mentor: code, share, click, registration, confirmation, claim, conflict, endpoint, badge. */
async function recruit(site: Site, tenant: Tenant, mentorId: string): Promise<Record<string, string>> {
  const as = tenant.key;
  const post = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const reply = await site.send('POST', path, { as, body });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text} ${site.faults.at(-1) ?? ''}`);
    return reply.body;
  };
  const code = await post('/api/v1/referral-codes', { mentor_id: mentorId });
  const share = await post('/api/v1/shares', { mentor_id: mentorId, channel: 'sms' });
  const click = await post('/api/v1/referral-attributions', { code: code.code });
  const registration = await post('/api/v1/registrations', {
    code: code.code,
    new_member_id: `member-${randomUUID()}`,
  });
  const attributionId = String(registration.attribution_id);
  await site.send('PUT', `/api/v1/referral-attributions/${click.id}`, {
    as,
    body: { new_member_id: `member-${randomUUID()}` },
  });
  const claim = await post('/api/v1/claims', { claimant: 'mentor', mentor_id: mentorId, met_on: '2026-11-14' });
  const endpoint = await post('/api/v1/webhook-endpoints', { url: 'https://hooks.example.org/in' });
  const badge = await post('/api/v1/badge-definitions', { name: `Verver ${mentorId.slice(0, 8)}`, criteria_value: 3 });
  await post('/api/v1/earned-badges', { mentor_id: mentorId, badge_definition_id: badge.id });
  await site.verve.deliveryLog.sendTest(
    { orgId: tenant.orgId, actor: { kind: 'system', name: 'test' } },
    String(endpoint.id),
  );
  const deliveries = await site.send('GET', `/api/v1/webhook-endpoints/${endpoint.id}/deliveries`, { as });
  const [delivery] = deliveries.body.data as { id: string }[];
  const key = await post('/api/v1/api-keys', { name: 'one', scopes: ['codes:read'] });
  const role = await post('/api/v1/roles', { user_id: randomUUID(), role: 'coordinator' });
  return {
    'referral-codes': String(code.id),
    'referral-code-records': String(code.id),
    shares: String(share.id),
    'referral-attributions': attributionId,
    click: String(click.id),
    claims: String(claim.claim_id),
    inbox: String(claim.inbox_item_id),
    'webhook-endpoints': String(endpoint.id),
    'webhook-deliveries': String(delivery?.id),
    'badge-definitions': String(badge.id),
    'api-keys': String(key.id),
    roles: String(role.id),
    mentor: mentorId,
  };
}
