import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { hostActor } from '../src/engine/actor.ts';
import { silentLogger } from '../src/engine/parts.ts';
import { scopes as everyScope } from '../src/engine/permissions.ts';
import { createVerve, type Verve } from '../src/engine/verve.ts';
import type { HandlerOptions } from '../src/http/create-runtime.ts';
import { createHandler, type Handler } from '../src/http/handler.ts';
import { testDatabase } from './harness.ts';

/** A handler over the test file's database, with an issuer of tokens of its own. Answers are checked against the document. */
export interface Site {
  verve: Verve;
  handler: Handler;
  /** What was logged as an error. */
  faults: readonly string[];
  /** Sends a request; `as` is a key or token. */
  send: (method: string, path: string, options?: SendOptions) => Promise<Reply>;
  /** A token of a person. */
  tokenOf: (userId: string, claims?: Record<string, unknown>) => Promise<string>;
  /** An organisation with a key, a link domain, and whatever is asked for. */
  organisation: (options?: { settings?: Record<string, unknown> }) => Promise<Tenant>;
}

export interface SendOptions {
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
}

export interface Tenant {
  orgId: string;
  slug: string;
  /** A key with every scope. */
  key: string;
  keyWith: (scopes: readonly string[]) => Promise<string>;
  mentor: (options?: {
    branchId?: string | null;
    mentorId?: string;
  }) => Promise<{ mentorId: string; userId: string; token: string }>;
  person: (role: 'coordinator' | 'org_admin', branchId?: string | null) => Promise<{ userId: string; token: string }>;
  branch: (name: string, parentId?: string | null, branchId?: string) => Promise<string>;
}

/** The secret of a site's installation. */
export const siteSecret = 'a secret of the tests that is long enough';
export const issuer = 'https://issuer.example/auth/v1';

/** Makes a site. Times come from `clock`, where one is given. */
export async function makeSite(options: { clock?: () => Date } & Partial<HandlerOptions> = {}): Promise<Site> {
  const { pool } = await testDatabase();
  const { clock, ...handlerOptions } = options;
  const faults: string[] = [];
  const note = (fields: Record<string, unknown>, message: string) =>
    faults.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { ...silentLogger, error: note };
  const verve = createVerve({ database: pool, secret: siteSecret, logger, ...(clock === undefined ? {} : { clock }) });
  const pair = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] };
  const handler = createHandler(verve, {
    issuers: [{ issuer, audience: 'authenticated', jwksUrl: `${issuer}/jwks.json`, roles: 'app_metadata' }],
    fetch: async () => Response.json(jwks),
    publicUrl: 'http://verve.example',
    checkAnswers: true,
    budgetFactor: 1_000,
    ...(clock === undefined ? {} : { now: clock }),
    ...handlerOptions,
  });

  async function send(method: string, path: string, { as, body, headers = {} }: SendOptions = {}): Promise<Reply> {
    const request = new Request(`http://verve.example${path}`, {
      method,
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await handler(request);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    const isJson = /[/+]json$/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : {},
    };
  }

  const tokenOf = (userId: string, claims: Record<string, unknown> = {}) =>
    new SignJWT({ role: 'authenticated', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'JWT' })
      .setIssuer(issuer)
      .setAudience('authenticated')
      .setSubject(userId)
      .setIssuedAt(clock === undefined ? undefined : Math.floor(clock().getTime() / 1000))
      .setExpirationTime(Math.floor((clock?.() ?? new Date()).getTime() / 1000) + 3600)
      .sign(pair.privateKey);

  return { verve, handler, faults, send, tokenOf, organisation: (given) => makeTenant(verve, tokenOf, given) };
}

async function makeTenant(
  verve: Verve,
  tokenOf: Site['tokenOf'],
  options: { settings?: Record<string, unknown> } = {},
): Promise<Tenant> {
  const slug = `org-${randomUUID().slice(0, 13)}`;
  const { orgId } = await verve.organisations.create({ actor: hostActor, slug, name: 'Lydhør' });
  const call = { orgId, actor: hostActor };
  const change = {
    linkDomains: [`${slug}.example`],
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  };
  await verve.organisations.update({ ...call, change });
  const keyWith = async (scopes: readonly string[]) => {
    const made = await verve.apiKeys.create({ ...call, name: 'test', scopes: scopes as (typeof everyScope)[number][] });
    return made.secret;
  };
  return {
    orgId,
    slug,
    keyWith,
    key: await keyWith(everyScope),
    async mentor({ branchId = null, mentorId = randomUUID() } = {}) {
      const userId = randomUUID();
      const made = await verve.mentors.create({ ...call, mentorId, userId, displayName: 'Solveig Tveitmo', branchId });
      if (!('mentor' in made)) throw new Error(made.outcome);
      return { mentorId: made.mentor.mentorId, userId, token: await tokenOf(userId) };
    },
    async person(role, branchId = null) {
      const userId = randomUUID();
      await verve.roles.grant({ ...call, userId, role, branchId });
      return { userId, token: await tokenOf(userId) };
    },
    async branch(name, parentId = null, branchId = randomUUID()) {
      const made = await verve.branches.create({ ...call, branchId, name, parentId });
      return made.branchId;
    },
  };
}
