import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { auditedActions, unauditedPermissions } from '../src/engine/audit/actions.ts';
import { permissions } from '../src/engine/permissions.ts';
import { operations } from '../src/http/operations.ts';
import { testDatabase } from './harness.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

// Every operation that changes something leaves an entry on the audit log, or stands in a list with its reason.

let site: Site;
beforeAll(async () => {
  site = await makeSite();
});

interface Scene {
  tenant: Tenant;
  admin: string;
  mentor: { mentorId: string; token: string };
  other: { mentorId: string };
  /** Sends as the administrator; refuses to go on where the answer is a refusal. */
  post: (path: string, body?: unknown, method?: string) => Promise<Record<string, unknown>>;
}

async function scene(settings: Record<string, unknown> = {}): Promise<Scene> {
  const tenant = await site.organisation({ settings });
  const { token: admin } = await tenant.person('org_admin');
  const post: Scene['post'] = async (path, body, method = 'POST') => {
    const reply = await site.send(method, `/api/v1/${path}`, { as: admin, ...(body === undefined ? {} : { body }) });
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text} ${site.faults.at(-1) ?? ''}`);
    return reply.body;
  };
  return { tenant, admin, mentor: await tenant.mentor(), other: await tenant.mentor(), post };
}

const codeOf = ({ post, mentor }: Scene) => post('referral-codes', { mentor_id: mentor.mentorId });
const endpointOf = ({ post }: Scene) => post('webhook-endpoints', { url: 'https://hooks.example.org/in' });
const badgeOf = ({ post }: Scene) => post('badge-definitions', { name: randomUUID(), criteria_value: 3 });

async function confirmed(at: Scene): Promise<string> {
  const { code } = await codeOf(at);
  const { orgId } = at.tenant;
  const newMemberId = `member-${randomUUID()}`;
  const actor = { kind: 'system', name: 'webhook' } as const;
  const outcome = await site.verve.attributions.confirmRecruitment({ orgId, actor, code: String(code), newMemberId });
  return 'attributionId' in outcome ? outcome.attributionId : outcome.outcome;
}

async function unmatched(at: Scene): Promise<string> {
  const claim = { claimant: 'coordinator', mentor_id: at.mentor.mentorId };
  return String((await at.post('claims', claim)).inbox_item_id);
}

async function contact(at: Scene): Promise<string> {
  const { code } = await codeOf(at);
  const data = { name: 'Kari Kanarifugl', phone: '+4740000000', email: 'kari@epost.example' };
  const submission = { submission: randomUUID(), contact: data, consentVersion: '1', sessionToken: null };
  await site.verve.join.submit({ code: String(code), ...submission });
  const actor = { kind: 'system', name: 'test' } as const;
  const [waiting] = await site.verve.contacts.list({ orgId: at.tenant.orgId, actor });
  return String(waiting?.contactId);
}

const reviewed = { rules: { review: 'all' } };

/** Each operation once, as an administrator: what it does last is the operation itself. `settings` = the organisation's. */
const acts: Record<
  string,
  { leaves: keyof typeof auditedActions; settings?: object; act: (at: Scene) => Promise<unknown> }
> = {
  rotateReferralCode: {
    leaves: 'code.rotate',
    act: async (at) => {
      const { id } = await codeOf(at);
      return at.post(`referral-codes/${id}`, { mentor_id: at.mentor.mentorId, action: 'rotate' }, 'PUT');
    },
  },
  invalidateReferralCode: {
    leaves: 'code.invalidate',
    act: async (at) => at.post(`referral-codes/${(await codeOf(at)).id}`, undefined, 'DELETE'),
  },
  createReferralCodeRecord: {
    leaves: 'code.issue',
    act: (at) => at.post('referral-code-records', { mentor_id: at.mentor.mentorId, code: randomCode() }),
  },
  deactivateReferralCodeRecord: {
    leaves: 'code.invalidate',
    act: async (at) => at.post(`referral-code-records/${(await codeOf(at)).id}`, { status: 'inactive' }, 'PUT'),
  },
  deleteReferralCodeRecord: {
    leaves: 'code.invalidate',
    act: async (at) => at.post(`referral-code-records/${(await codeOf(at)).id}`, undefined, 'DELETE'),
  },
  confirmReferralAttribution: {
    leaves: 'attribution.confirm',
    act: async (at) => {
      const { id } = await at.post('referral-attributions', { code: (await codeOf(at)).code });
      return at.post(`referral-attributions/${id}`, { new_member_id: randomUUID() }, 'PUT');
    },
  },
  deleteReferralAttribution: {
    leaves: 'attribution.remove',
    act: async (at) => at.post(`referral-attributions/${await confirmed(at)}?reason=Wrong`, undefined, 'DELETE'),
  },
  restoreAttribution: {
    leaves: 'attribution.restore',
    act: async (at) => {
      const id = await confirmed(at);
      await at.post(`referral-attributions/${id}?reason=Wrong`, undefined, 'DELETE');
      return at.post(`referral-attributions/${id}/restore`);
    },
  },
  approveAttribution: {
    leaves: 'attribution.approve',
    settings: reviewed,
    act: async (at) => at.post(`referral-attributions/${await confirmed(at)}/approve`, {}),
  },
  rejectAttribution: {
    leaves: 'attribution.reject',
    settings: reviewed,
    act: async (at) => at.post(`referral-attributions/${await confirmed(at)}/reject`, { reason_code: 'duplicate' }),
  },
  reassignAttribution: {
    leaves: 'attribution.reassign',
    act: async (at) => {
      const id = await confirmed(at);
      const to = at.other.mentorId;
      await at.post('referral-codes', { mentor_id: to });
      return at.post(`referral-attributions/${id}/reassign`, { mentor_id: to, reason: 'They met first' });
    },
  },
  reverseAttribution: {
    leaves: 'attribution.reverse',
    act: async (at) => at.post(`referral-attributions/${await confirmed(at)}/reverse`, {}),
  },
  resolveInboxItem: {
    leaves: 'inbox.resolve',
    act: async (at) => at.post(`inbox/${await unmatched(at)}/resolve`, { how: 'dismiss', reason: 'Nobody knows' }),
  },
  reopenInboxItem: {
    leaves: 'inbox.reopen',
    act: async (at) => {
      const id = await unmatched(at);
      await at.post(`inbox/${id}/resolve`, { how: 'dismiss', reason: 'Nobody knows' });
      return at.post(`inbox/${id}/reopen`, { reason: 'Somebody does' });
    },
  },
  listRegistrationContacts: {
    leaves: 'contacts.read',
    act: async (at) => {
      await contact(at);
      return at.post('registration-contacts', undefined, 'GET');
    },
  },
  handOverRegistrationContacts: {
    leaves: 'contacts.hand_over',
    act: async (at) => at.post('registration-contacts/hand-over', { contact_ids: [await contact(at)] }),
  },
  importMemberships: {
    leaves: 'import.run',
    act: async (at) => {
      const file = `medlemsnummer;vervekode;status;dato\n10293;${(await codeOf(at)).code};bekreftet;20.11.2026\n`;
      const headers = { 'content-type': 'text/csv' };
      const reply = await site.send('POST', '/api/v1/imports', { as: at.admin, body: file, headers });
      expect(reply.status).toBe(200);
    },
  },
  getTimelineReport: {
    leaves: 'report.download',
    act: (at) => at.post('reports/timeline?format=csv', undefined, 'GET'),
  },
  createBadgeDefinition: { leaves: 'badge.create', act: badgeOf },
  updateBadgeDefinition: {
    leaves: 'badge.change',
    act: async (at) => at.post(`badge-definitions/${(await badgeOf(at)).id}`, { criteria_value: 4 }, 'PATCH'),
  },
  archiveBadgeDefinition: {
    leaves: 'badge.archive',
    act: async (at) => at.post(`badge-definitions/${(await badgeOf(at)).id}`, undefined, 'DELETE'),
  },
  grantBadge: {
    leaves: 'badge.grant',
    act: async (at) => {
      const { id } = await badgeOf(at);
      return at.post('earned-badges', { mentor_id: at.mentor.mentorId, badge_definition_id: id });
    },
  },
  setMilestones: { leaves: 'milestones.set', act: (at) => at.post('milestones', { thresholds: [1, 2] }, 'PUT') },
  grantMilestoneBackfill: {
    leaves: 'milestones.backfill',
    act: async (at) => {
      await confirmed(at);
      await confirmed(at);
      await at.post('milestones', { thresholds: [1, 2] }, 'PUT');
      return at.post('milestones/backfill');
    },
  },
  createWebhookEndpoint: { leaves: 'endpoint.create', act: endpointOf },
  updateWebhookEndpoint: {
    leaves: 'endpoint.change',
    act: async (at) => at.post(`webhook-endpoints/${(await endpointOf(at)).id}`, { description: 'ours' }, 'PATCH'),
  },
  deleteWebhookEndpoint: {
    leaves: 'endpoint.delete',
    act: async (at) => at.post(`webhook-endpoints/${(await endpointOf(at)).id}`, undefined, 'DELETE'),
  },
  enableWebhookEndpoint: {
    leaves: 'endpoint.enable',
    act: async (at) => {
      const { id } = await endpointOf(at);
      await at.post(`webhook-endpoints/${id}/disable`);
      return at.post(`webhook-endpoints/${id}/enable`);
    },
  },
  disableWebhookEndpoint: {
    leaves: 'endpoint.disable',
    act: async (at) => at.post(`webhook-endpoints/${(await endpointOf(at)).id}/disable`),
  },
  rotateWebhookEndpointSecret: {
    leaves: 'endpoint.rotate_secret',
    act: async (at) => at.post(`webhook-endpoints/${(await endpointOf(at)).id}/rotate-secret`, {}),
  },
  testWebhookEndpoint: {
    leaves: 'endpoint.test',
    act: async (at) => at.post(`webhook-endpoints/${(await endpointOf(at)).id}/test`),
  },
  replayWebhookDeliveries: {
    leaves: 'endpoint.replay',
    act: async (at) => {
      const range = { from: new Date(Date.now() - 60_000).toISOString(), to: new Date().toISOString() };
      return at.post(`webhook-endpoints/${(await endpointOf(at)).id}/replay`, range);
    },
  },
  replayWebhookDelivery: {
    leaves: 'endpoint.replay',
    act: async (at) => {
      const { id } = await endpointOf(at);
      await codeOf(at);
      const { data } = await at.post(`webhook-endpoints/${id}/deliveries`, undefined, 'GET');
      const [delivery] = data as { id: string }[];
      return at.post(`webhook-deliveries/${delivery?.id}/replay`);
    },
  },
  updateOrganisation: {
    leaves: 'organisation.change',
    act: (at) => at.post(`organisations/${at.tenant.orgId}`, { settings: { rules: { review: 'all' } } }, 'PATCH'),
  },
  setOrganisationLogo: {
    leaves: 'organisation.change',
    act: async (at) => {
      const logo = { body: '<svg xmlns="http://www.w3.org/2000/svg"/>', headers: { 'content-type': 'image/svg+xml' } };
      const path = `/api/v1/organisations/${at.tenant.orgId}/logo`;
      expect((await site.send('PUT', path, { as: at.admin, ...logo })).status).toBe(200);
    },
  },
  removeOrganisationLogo: {
    leaves: 'organisation.change',
    act: (at) => at.post(`organisations/${at.tenant.orgId}/logo`, undefined, 'DELETE'),
  },
  exportOrganisation: {
    leaves: 'organisation.export',
    act: (at) => site.send('POST', `/api/v1/organisations/${at.tenant.orgId}/export`, { as: at.admin }),
  },
  rotateOrganisationSecret: {
    leaves: 'secret.rotate',
    act: (at) => at.post(`organisations/${at.tenant.orgId}/secrets/rotate`, { purpose: 'webhook_signing' }),
  },
  createApiKey: {
    leaves: 'key.create',
    act: (at) => at.post('api-keys', { name: 'Dynamics', scopes: ['codes:read'] }),
  },
  revokeApiKey: {
    leaves: 'key.revoke',
    act: async (at) => {
      const { id } = await at.post('api-keys', { name: 'Dynamics', scopes: ['codes:read'] });
      return at.post(`api-keys/${id}`, undefined, 'DELETE');
    },
  },
  createMentor: { leaves: 'mentor.create', act: (at) => at.post('mentors', { display_name: 'Solveig Fjell' }) },
  importMentors: {
    leaves: 'mentor.create',
    act: (at) => at.post('mentors/import', { mentors: [{ display_name: 'Solveig Fjell' }, { display_name: 'Ola' }] }),
  },
  updateMentor: {
    leaves: 'mentor.set_status',
    act: (at) => at.post(`mentors/${at.mentor.mentorId}`, { status: 'paused' }, 'PATCH'),
  },
  createBranch: { leaves: 'branch.create', act: (at) => at.post('branches', { name: 'Bergen' }) },
  updateBranch: {
    leaves: 'branch.change',
    act: async (at) =>
      at.post(`branches/${(await at.post('branches', { name: 'Bergen' })).id}`, { name: 'Os' }, 'PATCH'),
  },
  grantRole: { leaves: 'role.grant', act: (at) => at.post('roles', { user_id: randomUUID(), role: 'coordinator' }) },
  revokeRole: {
    leaves: 'role.revoke',
    act: async (at) => {
      const { id } = await at.post('roles', { user_id: randomUUID(), role: 'coordinator' });
      return at.post(`roles/${id}`, undefined, 'DELETE');
    },
  },
  relinkMember: {
    leaves: 'member.relink',
    act: (at) =>
      at.post('members/relink', { old_member_id: `member-${randomUUID()}`, new_member_id: `member-${randomUUID()}` }),
  },
  setSignInAddress: {
    leaves: 'sign_in.set_address',
    act: async (at) => {
      const user = randomUUID();
      await at.post('roles', { user_id: user, role: 'coordinator' });
      return at.post(`sign-in-addresses/${user}`, { email: `${user}@epost.example` }, 'PUT');
    },
  },
  removeSignInAddress: {
    leaves: 'sign_in.remove_address',
    act: async (at) => {
      const user = randomUUID();
      await at.post('roles', { user_id: user, role: 'coordinator' });
      await at.post(`sign-in-addresses/${user}`, { email: `${user}@epost.example` }, 'PUT');
      return at.post(`sign-in-addresses/${user}`, undefined, 'DELETE');
    },
  },
  exportPerson: { leaves: 'person.export', act: (at) => at.post('privacy/export', { mentor_id: at.mentor.mentorId }) },
  erasePerson: {
    leaves: 'person.erase',
    act: (at) => at.post('privacy/erase', { mentor_id: at.mentor.mentorId, confirm: 'erase' }),
  },
};

/** Operations that are no GET and leave no entry, with the reason. */
const reasons: Record<string, string> = {
  getOrCreateReferralCode: unauditedPermissions['code.create'],
  recordShare: unauditedPermissions['code.share'],
  recordReferralClick: unauditedPermissions['click.record'],
  createRegistration: unauditedPermissions['registration.record'],
  fileClaim: unauditedPermissions['claim.file'],
  createOrganisation: 'in the new organisation: organisation-creation.test.ts',
  offboardOrganisation: 'goes with everything else: offboarding.test.ts',
  previewOffboardOrganisation: 'writes nothing',
  receiveMembershipDelivery: 'signed by a system; the stored message is the record',
  receiveDataverseDelivery: 'signed by a system; the stored message is the record',
  startReconciliation: 'tested with a membership system, in http-members.test.ts',
  checkMembershipSystem: 'reads only',
  parseDeepLink: 'reads only',
  previewApproveAttribution: 'writes nothing',
  previewRejectAttribution: 'writes nothing',
  previewReassignAttribution: 'writes nothing',
  previewReverseAttribution: 'writes nothing',
  previewResolveInboxItem: 'writes nothing',
  previewMilestoneBackfill: 'writes nothing',
  previewBrand: 'writes nothing',
  previewErasePerson: 'writes nothing',
  previewRelinkMember: 'writes nothing',
};

function randomCode(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return Array.from({ length: 10 }, () => alphabet[Math.floor(Math.random() * 32)]).join('');
}

test('every operation that is no GET is tried, or has a reason to leave no entry', () => {
  const changing = operations.filter(({ method }) => method !== 'get').map(({ id }) => id);
  expect(changing.filter((id) => !(id in acts) && !(id in reasons))).toEqual([]);
  expect(changing.filter((id) => id in acts && id in reasons)).toEqual([]);
});

test('every right that lets one change something has its actions, or a reason', () => {
  const audited = new Set<string>(Object.values(auditedActions).map(({ permission }) => permission));
  const rights = Object.keys(permissions).filter((right) => !right.endsWith('.read'));
  expect(rights.filter((right) => !audited.has(right) && !(right in unauditedPermissions))).toEqual([]);
  expect(Object.keys(unauditedPermissions).filter((right) => audited.has(right))).toEqual([]);
});

describe.each(Object.entries(acts))('%s', (id, { leaves, settings, act }) => {
  test(`leaves ${leaves}, by who did it, and nothing of it for another organisation`, async () => {
    const at = await scene({ ...settings });
    const foreign = await scene();
    const before = await newest(foreign.admin);
    await act(at);
    const [entry] = await newest(at.admin, leaves);
    expect(entry, `${id} leaves an entry`).toMatchObject({ action: leaves, actor: expect.stringMatching(/^person:/) });
    expect(await newest(foreign.admin)).toEqual(before);
  });
});

async function newest(as: string, action?: string): Promise<Record<string, unknown>[]> {
  const filter = action === undefined ? '' : `&action=${action}`;
  const reply = await site.send('GET', `/api/v1/audit?limit=200${filter}`, { as });
  expect(reply.status).toBe(200);
  return reply.body.data as Record<string, unknown>[];
}

test('what is repeated without effect, refused, or shown beforehand leaves no entry', async () => {
  const at = await scene(reviewed);
  const id = await confirmed(at);
  const count = async () => (await newest(at.admin)).length;
  const start = await count();
  await at.post(`referral-attributions/${id}/approve/preview`, {});
  expect(await count()).toBe(start);
  await at.post(`referral-attributions/${id}/approve`, {});
  expect(await count()).toBe(start + 1);
  await at.post(`referral-attributions/${id}/approve`, {});
  await expect(at.post(`referral-attributions/${id}/reject`, { reason_code: 'duplicate' })).rejects.toThrow('409');
  expect(await count()).toBe(start + 1);
});

test('no entry holds a member id, a name or an address', async () => {
  const { adminPool } = await testDatabase();
  const { rows } = await adminPool.query<{ payload: string }>('select payload::text from verve.audit_payloads');
  expect(rows.length).toBeGreaterThan(40);
  const text = rows.map(({ payload }) => payload).join('\n');
  expect(text).not.toMatch(/member-|10293|Solveig|Kari|@|\+47/);
});

describe('GET /api/v1/audit', () => {
  test('pages in both forms, and narrows by action, actor, subject and time', async () => {
    const at = await scene();
    for (const name of ['Bergen', 'Oslo', 'Os']) await at.post('branches', { name });
    const page = await site.send('GET', '/api/v1/audit?action=branch.create&limit=2', { as: at.admin });
    expect(page.body.data).toHaveLength(2);
    const cursor = encodeURIComponent(String(page.body.next_cursor));
    const rest = await site.send('GET', `/api/v1/audit?action=branch.create&limit=2&cursor=${cursor}`, {
      as: at.admin,
    });
    expect(rest.body).toMatchObject({ data: [{ action: 'branch.create' }], next_cursor: null });
    const numbered = await site.send('GET', '/api/v1/audit?action=branch.create&limit=2&page=2', { as: at.admin });
    expect(numbered.body).toMatchObject({ data: rest.body.data, pagination: { page: 2, limit: 2, total: 3 } });
    const [entry] = page.body.data as { actor: string; subject_id: string; occurred_at: string }[];
    const found = async (query: string) =>
      (await site.send('GET', `/api/v1/audit?${query}`, { as: at.admin })).body.data as unknown[];
    expect(await found(`subject_id=${entry?.subject_id}`)).toHaveLength(1);
    expect(await found(`actor=${entry?.actor}&action=branch.create`)).toHaveLength(3);
    expect(await found(`actor=person:${randomUUID()}`)).toEqual([]);
    expect(await found(`from=${encodeURIComponent(entry?.occurred_at ?? '')}&action=branch.create`)).not.toEqual([]);
    expect(await found('to=2020-01-01T00:00:00Z')).toEqual([]);
  });

  test('is for administrators and keys with admin; others are refused, and see nothing', async () => {
    const { tenant, mentor } = await scene();
    const { token: coordinator } = await tenant.person('coordinator');
    const narrow = await tenant.keyWith(['codes:read']);
    for (const as of [mentor.token, coordinator, narrow]) {
      expect((await site.send('GET', '/api/v1/audit', { as })).status).toBe(403);
    }
    expect((await site.send('GET', '/api/v1/audit', { as: await tenant.keyWith(['admin']) })).status).toBe(200);
    expect((await site.send('GET', '/api/v1/audit?action=tea.make', { as: tenant.key })).status).toBe(400);
  });
});
