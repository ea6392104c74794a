import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Pool } from 'pg';
import { expect, vi } from 'vitest';
import { createDataverseConnections } from '../../src/connectors/dataverse/connections.ts';
import { reconcileOrganisation } from '../../src/connectors/dataverse/reconcile-organisation.ts';
import { createDeliveryReader, understoodOf } from '../../src/connectors/understand-delivery.ts';
import { scopes } from '../../src/engine/permissions.ts';
import { createVerve } from '../../src/engine/verve.ts';
import { startBackground } from '../../src/server/background.ts';
import { startEmbeddedPostgres } from '../../src/server/embedded-postgres.ts';
import { JOBS_SCHEMA } from '../../src/server/jobs-repository.ts';
import { migrate } from '../../src/server/migrate.ts';
import { makePool } from '../../src/server/pool.ts';
import { createTasks } from '../../src/server/tasks.ts';
import { fromRoot } from '../generated-files.ts';
import { system } from '../harness-verve.ts';
import { makeDataDir, type Program, startProgram, waitForOutput } from '../programs.ts';
import type { Canaries } from './canary.ts';
import type { WalkOptions } from './walk.ts';

/** A PostgreSQL that logs every statement, an organisation, an issuer of tokens and receivers of webhooks. */
export interface CanarySite {
  ownerPool: Pool;
  /** What PostgreSQL has logged so far. */
  readPostgresLog(): Promise<string>;
  /** Runs every task that servers run beside requests, in this process. Answers what was logged. */
  runTasks(): Promise<string>;
  /** What receivers were sent so far, headers and bodies. */
  received(): string;
  /** Starts the real server with these modules loaded first. */
  serve(modules: string[]): Promise<{ program: Program; origin: string; walkOptions: WalkOptions }>;
  close(): Promise<void>;
}

export async function makeCanarySite(canaries: Canaries): Promise<CanarySite> {
  const { dataDir, remove } = makeDataDir();
  const postgres = await startEmbeddedPostgres({
    dataDir,
    isDurable: false,
    settings: {
      // What PostgreSQL logs of errors by default, which the embedded one does not, and every statement besides.
      log_error_verbosity: 'default',
      log_min_error_statement: 'error',
      log_statement: 'all',
      log_parameter_max_length: '0',
    },
  });
  await migrate({ adminUrl: postgres.url('owner'), appPassword: postgres.passwords.app });
  const appUrl = postgres.url('app');
  const ownerPool = makePool({ connectionString: postgres.url('owner'), max: 2 });
  const appPool = makePool({ connectionString: appUrl, max: 2 });
  const verve = createVerve({ database: appPool, secret: canaries.serverSecret, allowLoopbackEndpoints: true });

  const slug = 'lydhor';
  const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
  const call = { orgId, actor: system };
  const settings = { joinForm: { name: 'required', phone: 'optional', email: 'required' } } as const;
  await verve.organisations.update({ ...call, change: { linkDomains: ['verv.lydhor.example'], settings } });
  const key = (await verve.apiKeys.create({ ...call, name: 'walk', scopes: [...scopes] })).secret;
  const rotate = async (purpose: 'webhook_signing' | 'webhook_key') =>
    (await verve.secrets.rotateInboundSecret({ ...call, purpose, overlapHours: 1 })).value ?? '';
  const [signingSecret, headerKey] = [await rotate('webhook_signing'), await rotate('webhook_key')];
  const [adminUserId, mentorUserId] = [randomUUID(), randomUUID()];
  await verve.roles.grant({ ...call, userId: adminUserId, role: 'org_admin', branchId: null });
  canaries.learned.push(key, signingSecret, headerKey, adminUserId, mentorUserId, postgres.passwords.app);

  const issuer = await startIssuer();
  const claims = { email: canaries.email, phone: canaries.phone, user_metadata: { name: canaries.name } };
  const [adminToken, mentorToken] = [
    await issuer.tokenOf(adminUserId, claims),
    await issuer.tokenOf(mentorUserId, claims),
  ];
  canaries.learned.push(adminToken, mentorToken);
  const receivers = await Promise.all([204, 500, 410].map((status) => startReceiver(status, canaries.text)));
  const closed = 'http://127.0.0.1:9/nobody';

  return {
    ownerPool,
    readPostgresLog: () => readFile(join(dataDir, 'postgres.log'), 'utf8'),
    received: () => receivers.map(({ received }) => received.join('\n')).join('\n'),
    async runTasks() {
      const logged: string[] = [];
      const note = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
      const dataverse = createDataverseConnections(verve);
      const read = createDeliveryReader(verve, dataverse);
      const parts = {
        verve,
        understand: async (delivery: Parameters<typeof read>[0]) => understoodOf(await read(delivery)),
        reconcile: (one: { orgId: string }) => reconcileOrganisation(verve, dataverse, { ...one, trigger: 'schedule' }),
      };
      const background = await startBackground({
        ...parts,
        pool: appPool,
        publicUrl: 'http://127.0.0.1',
        logger: { warn: note, error: note },
        allowLoopback: true,
      });
      for (const { name } of createTasks(parts)) await background.jobs.runNow(name, { orgId });
      await vi.waitFor(async () => {
        const text = `select count(*)::int as left from ${JOBS_SCHEMA}.job where state in ('created', 'active')`;
        expect((await ownerPool.query(text)).rows).toEqual([{ left: 0 }]);
      }, 20_000);
      await background.close();
      return logged.join('\n');
    },
    async serve(modules) {
      const imports = modules.flatMap((name) => ['--import', fromRoot(`test/canaries/${name}`)]);
      const program = startProgram([...imports, fromRoot('bin/verve.js'), 'serve'], {
        PORT: '0',
        DATABASE_URL: appUrl,
        VERVE_SECRET: canaries.serverSecret,
        VERVE_DATA_DIR: dataDir,
        VERVE_TRUSTED_PROXIES: '1',
        VERVE_ALLOW_LOOPBACK_WEBHOOKS: 'true',
        VERVE_LOG_LEVEL: 'debug',
        VERVE_JWT_ISSUER: issuer.url,
      });
      const [, origin = ''] = await waitForOutput(program, /Verve is ready at (http:\S+)/);
      const walkOptions = {
        ...{ origin, slug, orgId, canaries, key, adminToken, mentorToken, mentorUserId, signingSecret, headerKey },
        receivers: [...receivers.map(({ url }) => url), closed],
      };
      return { program, origin, walkOptions };
    },
    async close() {
      await Promise.all([issuer.close(), ...receivers.map((receiver) => receiver.close())]);
      await Promise.all([appPool.end(), ownerPool.end()]);
      await postgres.stop();
      await remove();
    },
  };
}

function listenOnLoopback(server: Server): Promise<{ url: string; close: () => Promise<void> }> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ url, close });
    });
  });
}

async function startIssuer() {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'walk', alg: 'ES256' }];
  const { url, close } = await listenOnLoopback(
    createServer((_, response) => void response.end(JSON.stringify({ keys }))),
  );
  const tokenOf = (userId: string, claims: Record<string, unknown>) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'walk' })
      .setIssuer(url)
      .setAudience('authenticated')
      .setSubject(userId)
      .setExpirationTime('1h')
      .sign(pair.privateKey);
  return { url, close, tokenOf };
}

/** Answers every webhook alike, with a body that must not be repeated anywhere either. */
async function startReceiver(status: number, text: string) {
  const received: string[] = [];
  const { url, close } = await listenOnLoopback(
    createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      received.push(JSON.stringify(request.headers), body);
      response.writeHead(status, { 'x-told': text }).end(status === 204 ? undefined : text);
    }),
  );
  return { url, close, received };
}
