// A running dashboard for tests: real database, real HTTP, letters caught, the built files as `npm ci` made them.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll } from 'vitest';
import { hostActor } from '../src/engine/actor.ts';
import { silentLogger } from '../src/engine/parts.ts';
import type { RoleName } from '../src/engine/roles/service.ts';
import { createVerve } from '../src/engine/verve.ts';
import { createDashboard } from '../src/http/dashboard/dashboard.ts';
import type { SignInLetter } from '../src/http/dashboard/dashboard-options.ts';
import { createHandler } from '../src/http/handler.ts';
import { createPublicPages } from '../src/http/pages/public-pages.ts';
import { createRateLimiter } from '../src/http/requests/rate-limit.ts';
import { readDashboardFiles } from '../src/server/dashboard-files.ts';
import { trackWorkAfterAnswers } from '../src/server/work-after-answers.ts';
import { freshOrganisation, testDatabase } from './harness.ts';

export type DashboardSite = Awaited<ReturnType<typeof openDashboard>>;

/** Opens a dashboard. `clock` moves its time, in the database too; `budgetFactor` 1 has the limits of a server. (Default: none that tests meet) */
export async function openDashboard(options: { clock?: () => Date; budgetFactor?: number } = {}) {
  const { pool } = await testDatabase();
  const { clock, budgetFactor = 1_000 } = options;
  const secret = 'a secret of the tests, 32 characters or more';
  const verve = createVerve({ database: pool, secret, ...(clock === undefined ? {} : { clock }) });
  const letters: SignInLetter[] = [];
  const faults: string[] = [];
  const logger = {
    ...silentLogger,
    error: (fields: Record<string, unknown>) => void faults.push(JSON.stringify(fields)),
  };
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections(); // streams of events would go on for minutes
    return closed;
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shared = {
    verve,
    limiter: createRateLimiter({ budgetFactor }),
    clientAddress: () => '127.0.0.1',
    publicUrl: origin,
    logger,
  };
  const pages = createPublicPages(shared);
  const afterwards = trackWorkAfterAnswers();
  const dashboard = createDashboard({
    ...shared,
    addWork: afterwards.add,
    files: await readDashboardFiles(),
    sendLetter: async (letter) => void letters.push(letter),
  });
  const handler = createHandler(verve, {
    publicUrl: origin,
    budgetFactor,
    fallback: async (request) => (await dashboard(request)) ?? (await pages(request)),
    ...(clock === undefined ? {} : { now: clock }),
  });
  server.on('request', getRequestListener(handler));

  const request = (path: string, init: RequestInit = {}) => fetch(`${origin}${path}`, { redirect: 'manual', ...init });
  const get = (path: string, headers: Record<string, string> = {}) => request(path, { headers });
  /** Posts a form as a page of ours does; headers that are given as '' are left out. */
  function post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const sent = Object.entries({ 'sec-fetch-site': 'same-origin', origin, ...headers }).filter(
      ([, value]) => value !== '',
    );
    return request(path, { method: 'POST', body: new URLSearchParams(fields), headers: Object.fromEntries(sent) });
  }

  return {
    verve,
    origin,
    letters,
    /** Waits for the letters that were asked for. */
    settled: () => afterwards.finish(10_000),
    faults,
    request,
    get,
    post,
    /** An organisation with a mentor who has an account. */
    async organisation(change: { linkDomains?: string[] } = {}) {
      const { orgId, slug } = await freshOrganisation({ name: 'Lydhør' });
      await verve.organisations.update({
        orgId,
        actor: hostActor,
        change: { linkDomains: [`${slug}.example`], ...change },
      });
      const userId = randomUUID();
      const made = await verve.mentors.create({ orgId, actor: hostActor, userId, displayName: 'Solveig Tveitmo' });
      if (!('mentor' in made)) throw new Error(made.outcome);
      return { orgId, slug, mentorId: made.mentor.mentorId, userId };
    },
    /** Somebody with this role in each of the organisations; gives the account. */
    async person(role: RoleName, ...places: { orgId: string; branchId?: string }[]): Promise<string> {
      const userId = randomUUID();
      for (const { orgId, branchId } of places)
        await verve.roles.grant({
          orgId,
          actor: hostActor,
          userId,
          role,
          ...(branchId === undefined ? {} : { branchId }),
        });
      return userId;
    },
    /** Signs a person in; gives the cookie. */
    async enter({ orgId, slug, userId }: { orgId: string; slug: string; userId: string }): Promise<string> {
      const { token } = await verve.signIn.makeLink({ orgId, actor: hostActor, userId });
      const entered = await post(`/app/sign-in/${slug}.${token}`, {});
      return entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    },
  };
}
