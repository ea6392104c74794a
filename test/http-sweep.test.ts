import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDocument } from '../src/http/openapi.ts';
import { operations } from '../src/http/operations.ts';
import { makeSite, type Site } from './http-site.ts';
import { type Person, type Population, personKinds, populate } from './people-site.ts';

// Every route × ids of another organisation × every kind of caller, made from the OpenAPI document: nothing of the other
// organisation is shown or changed, and an id of another organisation looks exactly like one that does not exist.

interface DocumentedOperation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
}
const document = buildDocument('http://verve.example') as unknown as {
  paths: Record<string, Record<string, DocumentedOperation>>;
};
const routes = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);
const missing = '99999999-9999-4999-8999-999999999999';

let site: Site;
let population: Population;
beforeAll(async () => {
  site = await makeSite();
  population = await populate(site);
});

/** The path with an id for the noun before each parameter. */
function fill(path: string, ids: Record<string, string>): string {
  return path
    .replace('{organisation}', population.foreign.slug)
    .replace('{mentorId}', ids.mentor ?? missing)
    .replace(/\/([a-z-]+)\/\{\w+\}/, (_, noun: string) => `/${noun}/${ids[noun] ?? missing}`);
}

function bodyOf(operation: DocumentedOperation, ids: Record<string, string>): unknown {
  const example = Object.values(operation.requestBody?.content ?? {})[0]?.example;
  if (example === undefined) return undefined;
  const text = JSON.stringify(example)
    .replaceAll(/0b0b0b0b-0000-4000-8000-00000000000\d/g, ids.mentor ?? missing)
    .replaceAll('1c1c1c1c-0000-4000-8000-000000000001', ids['badge-definitions'] ?? missing);
  return JSON.parse(text);
}

function send(route: (typeof routes)[number], ids: Record<string, string>, as: string | undefined) {
  const body = bodyOf(route.operation, ids);
  const query = route.operation.operationId === 'deleteReferralAttribution' ? '?reason=test' : '';
  return site.send(route.method, `${fill(route.path, ids)}${query}`, {
    ...(as === undefined ? {} : { as }),
    ...(body === undefined ? {} : { body }),
  });
}

/** Everything that names the foreign organisation: its ids, and its slug. */
function traces(): string[] {
  const { foreign, foreignIds } = population;
  return [foreign.orgId, foreign.slug, ...Object.values(foreignIds)];
}

const strangers: Person[] = personKinds.filter((kind) => kind !== 'foreignAdmin');

describe('ids of another organisation', () => {
  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
    const callers: (readonly [string, string | undefined])[] = [
      ...strangers.map((kind) => [kind, population.people[kind].token] as const),
      ['key', population.own.key],
      ['nobody at all', undefined],
    ];
    for (const [who, as] of callers) {
      const foreign = await send(route, population.foreignIds, as);
      const about = `${who}: ${foreign.status} ${foreign.text.slice(0, 300)} ${foreign.status >= 500 ? site.faults.at(-1) : ''}`;
      expect(foreign.status, about).toBeLessThan(500);
      const isPublic = ['recordReferralClick', 'createRegistration', 'parseDeepLink'].includes(
        route.operation.operationId,
      );
      if (!isPublic) {
        for (const trace of traces()) {
          // What the caller sent himself may stand in the answer's own echo of an id: only an error could hold it, and none does.
          expect(foreign.text, about).not.toContain(trace);
        }
      }
      if (!route.path.includes('{id}') && !route.path.includes('{mentorId}')) continue;
      expect(foreign.status, about).toBeGreaterThanOrEqual(400);
      const unknown = await send(
        route,
        { ...Object.fromEntries(Object.keys(population.foreignIds).map((noun) => [noun, missing])) },
        as,
      );
      expect({ status: foreign.status, code: foreign.body.code, detail: foreign.body.detail }, about).toEqual({
        status: unknown.status,
        code: unknown.body.code,
        detail: unknown.body.detail,
      });
    }
  });

  test.each(['mentors', 'branches'])('POST /api/v1/%s takes one like any free id', async (noun) => {
    const as = population.people.admin.token;
    const make = async (id: string) => {
      const body = noun === 'mentors' ? { id, display_name: 'Kari Fjell' } : { id, name: `Lokallag ${id}` };
      const { status, body: made } = await site.send('POST', `/api/v1/${noun}`, { as, body });
      return { status, fields: Object.keys(made), isSame: made.id === id, org: made.org_id };
    };
    const foreign = await make(String(population.foreignIds[noun]));
    expect(foreign).toMatchObject({ status: 201, isSame: true, org: population.own.orgId });
    expect(await make(randomUUID())).toEqual(foreign);
  });

  test('nothing of the other organisation was changed by all that', async () => {
    const as = population.people.foreignAdmin.token;
    const { foreignIds } = population;
    for (const noun of [
      'referral-codes',
      'referral-attributions',
      'inbox',
      'webhook-endpoints',
      'badge-definitions',
      'mentors',
      'branches',
    ]) {
      const reply = await site.send('GET', `/api/v1/${noun}/${foreignIds[noun]}`, { as });
      expect(reply.status, noun).toBe(200);
      expect(reply.body, noun).toMatchObject({ id: foreignIds[noun] });
    }
    const code = await site.send('GET', `/api/v1/referral-codes/${foreignIds['referral-codes']}`, { as });
    expect(code.body.status).toBe('active');
    const attribution = await site.send('GET', `/api/v1/referral-attributions/${foreignIds['referral-attributions']}`, {
      as,
    });
    expect(attribution.body).toMatchObject({ status: 'pending', removed_at: null, new_member_id: expect.any(String) });
  });
});

describe('another branch of one’s own organisation', () => {
  test.each(
    routes
      .filter(({ path }) => path.includes('{id}') || path.includes('{mentorId}'))
      .map((route) => [`${route.method} ${route.path}`, route] as const),
  )('%s is refused to a coordinator of the near branch and to a mentor', async (_, route) => {
    for (const kind of ['branchCoordinator', 'mentor'] as const) {
      const reply = await send(route, population.farIds, population.people[kind].token);
      const about = `${kind}: ${reply.status} ${reply.text.slice(0, 300)} ${reply.status >= 500 ? site.faults.at(-1) : ''}`;
      // What belongs to the whole organisation may be read by everybody in it.
      const isShared = ['getBadgeDefinition', 'getOrganisation'].includes(route.operation.operationId);
      if (isShared) expect(reply.status, about).toBe(200);
      else expect([403, 404], about).toContain(reply.status);
    }
  });
});

test('lists show a coordinator of a branch nothing of the others', async () => {
  const far = Object.values(population.farIds).filter((id) => id !== population.own.orgId);
  for (const route of routes.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    for (const kind of ['branchCoordinator', 'countyCoordinator', 'mentor'] as const) {
      const reply = await site.send('GET', route.path, { as: population.people[kind].token });
      const shared = ['listBadgeDefinitions'].includes(route.operation.operationId);
      if (shared) continue;
      for (const id of far) expect(reply.text, `${kind} ${route.path}`).not.toContain(id);
    }
  }
});

test('member ids are shown to administrators and keys that may read them, and to nobody else', async () => {
  const path = '/api/v1/referral-attributions';
  const plain = await population.own.keyWith(['attributions:read']);
  for (const as of [population.people.admin.token, population.own.key]) {
    expect((await site.send('GET', path, { as })).text).toContain('"new_member_id":"member-');
  }
  for (const as of [
    population.people.coordinator.token,
    population.people.branchCoordinator.token,
    population.people.mentor.token,
    plain,
  ]) {
    expect((await site.send('GET', path, { as })).text).not.toContain('member-');
  }
});

test('the router’s routes are the document’s', () => {
  const declared = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort();
  expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(declared);
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

test('every route of the document is served, and with another method answers 405 with what it takes', async () => {
  for (const path of Object.keys(document.paths)) {
    const methods = Object.keys(document.paths[path] ?? {}).map((method) => method.toUpperCase());
    const other = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].find((method) => !methods.includes(method)) ?? 'OPTIONS';
    const reply = await site.send(other, fill(path, population.foreignIds), { as: population.own.key });
    const isTaken = operations.some(
      (one) =>
        one.method.toUpperCase() === other && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    if (isTaken) continue;
    expect(reply.status, `${other} ${path}`).toBe(405);
    for (const method of methods) expect(reply.headers.get('allow'), path).toContain(method);
  }
});
