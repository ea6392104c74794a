import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Pool } from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DenoServer, findDeno, startDenoServer } from './deno.ts';
import { type FreshProject, makeFreshProject } from './fresh-project.ts';
import { fromRoot } from './generated-files.ts';
import { system as actor } from './harness-verve.ts';
import { findPgbouncer, type Pooler, startPgbouncer } from './pgbouncer.ts';
import { startBadgeReceiver } from './stand-ins/badge-receiver.ts';
import { choice, date, lookup, sendContext } from './stand-ins/dataverse-sender.ts';
import { applyMigrations } from './supabase/apply-migrations.ts';
import { startSupabaseProject } from './supabase/project.ts';

const deno = await findDeno();
const pgbouncer = findPgbouncer();
if ('missing' in deno) console.warn(`The edge function is not tested: ${deno.missing}.`);
if (pgbouncer === null)
  console.warn('The pooled connection is not tested: install pgbouncer (apt-get install pgbouncer).');

/** What signs people in: keys of its own, published where the platform publishes them. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const stranger = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sign = (sub: string, options: { isForged?: boolean; expires?: string } = {}) =>
    new SignJWT({ role: 'authenticated', is_anonymous: false })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
      .setIssuer(`${url}/auth/v1`)
      .setAudience('authenticated')
      .setSubject(sub)
      .setIssuedAt(options.expires === undefined ? undefined : new Date(Date.now() - 7_200_000))
      .setExpirationTime(options.expires ?? '1h')
      .sign(options.isForged ? stranger.privateKey : privateKey);
  return { url, sign, close: () => server.close() };
}

describe.skipIf('missing' in deno)('the edge function', () => {
  const organizationId = randomUUID(); // as Dataverse calls the environment
  const mentorUser = '0d0d0d0d-0000-4000-8000-000000000001';
  const running: DenoServer[] = [];
  let pooler: Pooler | null = null;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let fresh: FreshProject;
  let appUrl: string;
  let supabase: Awaited<ReturnType<typeof startSupabaseProject>>;

  beforeAll(async () => {
    supabase = await startSupabaseProject();
    [appUrl, fresh, issuer] = await Promise.all([applyMigrations(supabase), makeFreshProject(), startIssuer()]);
    // As it is written into a project, but for receivers on this machine.
    const index = await readFile(fromRoot('supabase/functions/verve/index.ts'), 'utf8');
    await fresh.write(
      'index.ts',
      index.replace('createEdgeHandler({', 'createEdgeHandler({ allowLoopbackWebhooks: true,'),
    );
    if (pgbouncer !== null) pooler = await startPgbouncer(pgbouncer, appUrl);
  }, 180_000);
  afterAll(async () => {
    for (const edge of running) edge.stop();
    await pooler?.close();
    issuer?.close();
  });

  async function start(databaseUrl: string, more: Record<string, string> = {}): Promise<DenoServer> {
    if ('missing' in deno) throw new Error(deno.missing);
    const environment = { VERVE_DATABASE_URL: databaseUrl, SUPABASE_URL: issuer.url, ...more };
    const server = await startDenoServer(deno.path, fresh.folder, 'index.ts', { environment, mount: '/verve' });
    running.push(server);
    return server;
  }

  /** An organisation with a mentor who can sign in, and a secret for its membership system, all made in this process. */
  async function arrange(slug: string, userId: string | null) {
    const { createVerve } = await import('../src/engine/verve.ts');
    const { makePool } = await import('../src/server/pool.ts');
    const { rows } = await supabase.platform.query(`select secret from vault.secrets where name = 'verve_secret'`);
    const pool = makePool({ connectionString: appUrl, max: 2 });
    const verve = createVerve({ database: pool, secret: rows[0].secret as string, allowLoopbackEndpoints: true });
    const { orgId } = await verve.organisations.create({ actor, slug, name: 'Lydhør' });
    await verve.organisations.update({ orgId, actor, change: { linkDomains: ['verv.example.no'] } });
    const dataverse = {
      environmentUrl: 'https://org94971a24.crm4.dynamics.com',
      organizationId,
      tenantId: randomUUID(),
      clientId: randomUUID(),
      table: 'hlf_membership',
      entitySet: 'hlf_memberships',
      id: 'hlf_membershipid',
      referralCode: 'hlf_referralcode',
      memberLookup: 'hlf_member',
      status: 'statuscode',
      statusMap: { '1': 'registered', '2': 'confirmed', '3': 'reversed' },
    } as const;
    await verve.organisations.update({ orgId, actor, change: { settings: { dataverse } } });
    const made = await verve.mentors.create({ orgId, actor, displayName: 'Solveig Fjell', userId });
    if (made.outcome !== 'created') throw new Error(made.outcome);
    const { mentorId } = made.mentor;
    const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (!('code' in issued)) throw new Error(issued.outcome);
    const secret = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_signing' });
    const total = () => verve.attributions.getTotalRecruitments({ orgId, actor, mentorId });
    return { verve, orgId, code: issued.code.code, secret: secret.value ?? '', total, close: () => pool.end() };
  }

  function confirm(edge: DenoServer, slug: string, secret: string, code: string, memberId: string) {
    const id = `d-${slug}-${memberId}`;
    const body = JSON.stringify({
      event_id: id,
      status: 'confirmed',
      external_member_id: memberId,
      referral_code: code,
    });
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    };
    return fetch(`${edge.url}/api/v1/webhooks/membership/${slug}`, { method: 'POST', headers, body });
  }

  const ways = ['direct', ...(pgbouncer === null ? [] : ['pooled in transaction mode'])];
  describe.each(ways)('over a connection that is %s', (way) => {
    const slug = way.split(' ')[0] as string;
    let edge: DenoServer;
    let world: Awaited<ReturnType<typeof arrange>>;
    beforeAll(async () => {
      world = await arrange(slug, way === 'direct' ? mentorUser : null);
      edge = await start(way === 'direct' ? appUrl : (pooler?.url ?? ''));
    }, 60_000);
    afterAll(() => world?.close());

    test('credits by the membership system’s signed webhook, once', async () => {
      const first = await confirm(edge, slug, world.secret, world.code, 'M-1');
      expect({ status: first.status, body: await first.json() }).toMatchObject({ status: 202, body: { accepted: 1 } });
      expect((await confirm(edge, slug, world.secret, world.code, 'M-1')).status).toBe(202);
      expect(await world.total()).toBe(1);
    });

    test('credits fifty deliveries at once, each once', async () => {
      const before = await world.total();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => confirm(edge, slug, world.secret, world.code, `N-${index}`)),
      );
      expect(answers.map((answer) => answer.status).filter((status) => status !== 202)).toEqual([]);
      expect(await world.total()).toBe(before + 50);
    });

    test('credits by what Dataverse posts', async () => {
      const { verve, orgId, code } = world;
      const key = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_key' });
      const rowId = randomUUID();
      const attributes = {
        hlf_membershipid: rowId,
        hlf_referralcode: code,
        hlf_member: lookup('contact', randomUUID()),
        statuscode: choice(2),
        createdon: date(new Date()),
        modifiedon: date(new Date()),
      };
      const before = await world.total();
      const address = `${edge.url}/api/v1/webhooks/membership/${slug}/dataverse`;
      const context = { message: 'Create', rowId, organizationId, attributes } as const;
      expect(await sendContext(address, { ...context, headers: { 'x-referral-key': 'wrong' } })).toEqual([401]);
      expect(await sendContext(address, { ...context, headers: { 'x-referral-key': key.value ?? '' } })).toEqual([202]);
      await expect.poll(world.total, { timeout: 10_000 }).toBe(before + 1);
    });

    test('sends what became of it to the badge service when pg_cron asks, signed so that others’ libraries accept it', async () => {
      const { verve, orgId, code } = world;
      const receiver = await startBadgeReceiver();
      try {
        const endpoint = await verve.webhookEndpoints.create({ orgId, actor }, { url: receiver.url });
        receiver.secrets.push(endpoint.secret);
        await confirm(edge, slug, world.secret, code, 'M-webhook');
        const { rows } = await supabase.platform.query(
          `select secret from vault.secrets where name = 'verve_work_key'`,
        );
        const headers = { 'verve-work-key': rows[0].secret as string };
        for (const _time of [1, 2]) {
          expect((await fetch(`${edge.url}/work/deliver`, { method: 'POST', headers })).status).toBe(204);
        }
        const types = receiver.received.map(({ event }) => event.type);
        expect(types.filter((type) => type.includes('recruitment.credited'))).toHaveLength(1);
        expect(receiver.verified).toEqual({ accepted: types.length, refused: 0 });
        expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(types.length);
        expect(receiver.received.map(({ body }) => body).join()).not.toContain('M-webhook');
      } finally {
        await receiver.close();
      }
    });

    test('refuses a delivery that is signed with another secret', async () => {
      const forged = await confirm(edge, slug, 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', world.code, 'M-2');
      expect(forged.status).toBe(401);
    });

    test('sends a visitor of a short link on, and answers health and document', async () => {
      const visit = await fetch(`${edge.url}/r/${world.code}`, { redirect: 'manual' });
      expect(visit.status).toBe(302);
      expect((await fetch(`${edge.url}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${edge.url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
    });

    if (way === 'direct') return;
    test('leaves nothing in the sessions that others get after it', async () => {
      const others = new Pool({ connectionString: pooler?.url, max: 2 });
      const clients = await Promise.all([others.connect(), others.connect()]);
      for (const client of clients) await client.query('begin'); // holds both connections of the pooler at once
      for (const client of clients) {
        const { rows } = await client.query(`select (select count(*)::int from pg_prepared_statements) as prepared,
          current_setting('role') as role, coalesce(current_setting('verve.org', true), '') as organisation,
          coalesce(current_setting('request.jwt.claims', true), '') as claims`);
        expect(rows).toEqual([{ prepared: 0, role: 'none', organisation: '', claims: '' }]);
        await client.query('rollback');
        client.release();
      }
      await others.end();
    });
  });

  describe('people', () => {
    const asks = (edge: DenoServer, token: string) =>
      fetch(`${edge.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });

    test('sign in with the project’s tokens; forged and stale ones are refused', async () => {
      const edge = running[0] as DenoServer;
      expect((await asks(edge, await issuer.sign(mentorUser))).status).toBe(200);
      expect((await asks(edge, await issuer.sign(mentorUser, { isForged: true }))).status).toBe(401);
      expect((await asks(edge, await issuer.sign(mentorUser, { expires: '-1h' }))).status).toBe(401);
      expect((await asks(edge, 'sb_publishable_something')).status).toBe(401);
    });
  });

  describe('work that pg_cron asks for', () => {
    test('is done for the key in the Vault, and for nobody else', async () => {
      const edge = running[0] as DenoServer;
      const { rows } = await supabase.platform.query(`select secret from vault.secrets where name = 'verve_work_key'`);
      const work = (key: string, name: string) =>
        fetch(`${edge.url}/work/${name}`, { method: 'POST', headers: { 'verve-work-key': key } });
      expect((await work('wrong', 'inbound-sweep')).status).toBe(404);
      expect((await work(rows[0].secret, 'inbound-sweep')).status).toBe(204);
      expect((await work(rows[0].secret, 'deliver')).status).toBe(204);
      expect((await work(rows[0].secret, 'no-such-task')).status).toBe(404);
    });
  });
});
