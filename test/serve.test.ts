import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createVerve } from '../src/engine/verve.ts';
import { loadConfig } from '../src/server/config.ts';
import { startEmbeddedPostgres } from '../src/server/embedded-postgres.ts';
import { makeLogger } from '../src/server/logger.ts';
import { migrate } from '../src/server/migrate.ts';
import { makePool } from '../src/server/pool.ts';
import { isAlive, readPostmaster } from '../src/server/postmaster.ts';
import { type RunningServer, startServer } from '../src/server/serve.ts';
import { fromRoot } from './generated-files.ts';
import { makeTestDatabase, testDatabase } from './harness.ts';
import { system } from './harness-verve.ts';
import { makeDataDir, runVerve, startProgram, startVerve, waitForOutput } from './programs.ts';

const VERVE_SECRET = 'an-invented-secret-of-forty-characters-x';
let dataDir: string;
let remove: () => Promise<void>;

beforeEach(() => {
  ({ dataDir, remove } = makeDataDir());
});

afterEach(() => remove());

/** The server in this process, with a product that answers 'served' or waits until it is told. */
function serve(environment: Record<string, string>, handler = async (): Promise<Response> => new Response('served')) {
  const config = loadConfig({ PORT: '0', VERVE_DATA_DIR: dataDir, VERVE_SECRET, ...environment });
  const logger = makeLogger('silent');
  return startServer({
    config,
    logger,
    makeApplication: async () => ({ handler, close: async () => undefined, firstSteps: null }),
  });
}

async function statusOf(server: RunningServer, path: string): Promise<number> {
  const response = await fetch(`${server.url}${path}`);
  await response.body?.cancel();
  return response.status;
}

describe('the server', () => {
  test('with nothing set brings its own database, says where it is, and stops cleanly on SIGTERM', async () => {
    const program = startVerve(['serve'], { PORT: '0', VERVE_DATA_DIR: dataDir });
    const [, url] = await waitForOutput(program, /Verve is ready at (http:\S+)/);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
    const door = await fetch(`${url}/`, { redirect: 'manual' });
    expect([door.status, door.headers.get('location')]).toEqual([303, '/app']);
    for (const path of ['/healthz', '/readyz', '/']) {
      const refused = await fetch(`${url}${path}`, { method: 'DELETE' });
      expect([refused.status, refused.headers.get('allow')], path).toEqual([405, 'GET, HEAD, OPTIONS']);
    }
    program.process.kill('SIGTERM');
    expect(await program.ended).toBe(0);
    expect(program.output()).toMatch(/Verve has stopped\.\n$/);
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('stops with the shell in which npm runs it, to which alone npm passes a SIGTERM on', async () => {
    const environment = { PORT: '0', VERVE_DATA_DIR: dataDir, npm_lifecycle_event: 'start' };
    const line = `"${process.execPath}" "${fromRoot('bin/verve.js')}" serve; exit $?`;
    const program = startProgram(['-c', line], environment, '/bin/sh');
    await waitForOutput(program, /Verve is ready/);
    program.process.kill('SIGTERM');
    await program.ended; // the shell's output is the server's too, and closes with it
    expect(program.output()).toMatch(/Verve has stopped\.\n$/);
    expect(await readPostmaster(join(dataDir, 'postgres'))).toBeNull();
  });

  test('comes back after kill -9 with the PostgreSQL that was left running', async () => {
    const environment = { PORT: '0', VERVE_DATA_DIR: dataDir };
    const first = startVerve(['serve'], environment);
    await waitForOutput(first, /ready at/);
    const left = await readPostmaster(join(dataDir, 'postgres'));
    first.process.kill('SIGKILL');
    await first.ended;
    expect(isAlive(left?.pid ?? 0)).toBe(true);
    const second = startVerve(['serve'], environment);
    await waitForOutput(second, /ready at/);
    expect((await readPostmaster(join(dataDir, 'postgres')))?.pid).toBe(left?.pid);
    second.process.kill('SIGINT');
    expect(await second.ended).toBe(0);
  });

  test('refuses a data folder that another server uses, with exit code 3', async () => {
    const first = startVerve(['serve'], { PORT: '0', VERVE_DATA_DIR: dataDir });
    await waitForOutput(first, /ready at/);
    const second = await runVerve(['serve'], { PORT: '0', VERVE_DATA_DIR: dataDir });
    expect(second.code).toBe(3);
    expect(second.errors).toContain(`Another Verve server (process ${first.process.pid}) already uses the data folder`);
    first.process.kill('SIGTERM');
    await first.ended;
  });

  test('says plainly that the port is taken', async () => {
    const { appUrl } = await testDatabase();
    const first = await serve({ DATABASE_URL: appUrl });
    await expect(serve({ DATABASE_URL: appUrl, PORT: new URL(first.url).port })).rejects.toThrow(
      /^Port \d+ is taken\. Stop what uses it, or choose another in PORT\.$/,
    );
    await first.close();
  });

  test('answers 503 while the database is away, and is ready again by itself', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir, isDurable: false });
    await migrate({ adminUrl: postgres.url('owner'), appPassword: postgres.passwords.app });
    const server = await serve({ DATABASE_URL: postgres.url('app') });
    await server.ready;
    expect([await statusOf(server, '/readyz'), await statusOf(server, '/anything')]).toEqual([200, 200]);
    expect([await statusOf(server, '/healthz?from=probe'), await statusOf(server, '/readyz?from=probe')]).toEqual([
      200, 200,
    ]);
    await postgres.stop();
    expect([await statusOf(server, '/healthz'), await statusOf(server, '/readyz')]).toEqual([200, 503]);
    const again = await startEmbeddedPostgres({ dataDir, isDurable: false, settings: { port: String(postgres.port) } });
    await expect.poll(() => statusOf(server, '/readyz'), { timeout: 10_000 }).toBe(200);
    await server.close();
    await again.stop();
  });

  test('waits for a database that takes connections and says nothing for a while', async () => {
    const { appUrl } = await testDatabase();
    const real = new URL(appUrl);
    let isSilent = true;
    const slow = createServer((client) => {
      client.on('error', () => undefined);
      if (isSilent) return;
      const upstream = connect(Number(real.port), real.hostname);
      upstream.on('error', () => undefined);
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const before = new URL(appUrl);
    before.port = String((slow.address() as AddressInfo).port);
    const server = await serve({ DATABASE_URL: before.href });
    expect([await statusOf(server, '/healthz'), await statusOf(server, '/readyz')]).toEqual([200, 503]);
    isSilent = false;
    await server.ready;
    expect(await statusOf(server, '/readyz')).toBe(200);
    await server.close();
    slow.close();
  });

  test('waits for migrations that are still to come, then serves', async () => {
    const { appUrl, adminUrl } = await makeTestDatabase({ template: null });
    const server = await serve({ DATABASE_URL: appUrl });
    const response = await fetch(`${server.url}/api/v1/me`);
    expect({ status: response.status, retry: response.headers.get('retry-after') }).toEqual({
      status: 503,
      retry: '2',
    });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'database_unavailable', status: 503 });
    const browser = { accept: 'text/html,*/*;q=0.8', 'accept-language': 'en' };
    for (const path of ['/', '/app/lydhor', '/jion?x=1']) {
      const page = await fetch(`${server.url}${path}`, { headers: browser });
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '30']);
      expect(await page.text()).toContain('<h1>We cannot answer just now</h1>');
    }
    expect([await statusOf(server, '/healthz'), await statusOf(server, '/readyz')]).toEqual([200, 503]);
    await migrate({ adminUrl, appPassword: null });
    await server.ready;
    expect([await statusOf(server, '/readyz'), await statusOf(server, '/api/v1/me')]).toEqual([200, 200]);
    await server.close();
  });

  test.each(['superuserUrl', 'adminUrl'] as const)('refuses to run as %s', async (who) => {
    const server = await serve({ DATABASE_URL: (await testDatabase())[who] });
    await expect(server.ready).rejects.toThrow(/(is a superuser|owns Verve's tables).*Connect as verve_app/);
    await server.close();
  });

  test('refuses to run without a secret that the database needs, and says which', async () => {
    const { appUrl, adminUrl } = await makeTestDatabase({ template: null });
    await migrate({ adminUrl, appPassword: null });
    const pool = makePool({ connectionString: appUrl, max: 1 });
    const former = 'the-secret-of-before-which-is-long-enough';
    const verve = createVerve({ database: pool, secret: former });
    await verve.organisations.create({ actor: system, slug: 'lydhor', name: 'Lydhør' });
    await pool.end();
    const server = await serve({ DATABASE_URL: appUrl });
    await expect(server.ready).rejects.toThrow(/uses the secret [0-9a-f]{8} .*VERVE_SECRET=new,former/);
    await server.close();
    const whole = await serve({ DATABASE_URL: appUrl, VERVE_SECRET: `${VERVE_SECRET},${former}` });
    await whole.ready;
    await whole.close();
  });

  test('lets a running request finish before it stops', async () => {
    const { appUrl } = await testDatabase();
    const slow = Promise.withResolvers<Response>();
    const arrived = Promise.withResolvers<void>();
    const server = await serve({ DATABASE_URL: appUrl }, () => {
      arrived.resolve();
      return slow.promise;
    });
    await server.ready;
    const answer = fetch(`${server.url}/slow`);
    await arrived.promise;
    const closed = server.close();
    slow.resolve(new Response('finished'));
    expect(await (await answer).text()).toBe('finished');
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test('can be stopped while it still waits for its database', async () => {
    const server = await serve({ DATABASE_URL: 'postgres://verve_app:x@127.0.0.1:1/verve' });
    server.ready.catch(() => undefined);
    await server.close();
    await expect(server.ready).rejects.toThrow('The server is stopping.');
    await rm(dataDir, { recursive: true, force: true });
  });
});
