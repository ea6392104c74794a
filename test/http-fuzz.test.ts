import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDocument } from '../src/http/openapi.ts';
import { operations } from '../src/http/operations.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';
import { arbitraryOf, type JsonSchema } from './schema-arbitrary.ts';

// Every operation of the document with values made from its own schemas, and with values that hurt. Never a 500, and
// every refusal a problem document. Rounds per operation: VERVE_FUZZ_RUNS. (Default: 100)
const runs = Number(process.env.VERVE_FUZZ_RUNS ?? 100);
const document = buildDocument('http://verve.example') as unknown as {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, JsonSchema> };
};
interface DocumentedOperation {
  parameters?: { name: string; in: string; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

let site: Site;
let tenant: Tenant;
let callers: (string | undefined)[];
let knownIds: string[];

beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  const branchId = await tenant.branch('Vestland');
  const mentor = await tenant.mentor({ branchId });
  const admin = await tenant.person('org_admin');
  const coordinator = await tenant.person('coordinator', branchId);
  callers = [tenant.key, admin.token, coordinator.token, mentor.token, undefined];
  const code = await site.send('POST', '/api/v1/referral-codes', {
    as: tenant.key,
    body: { mentor_id: mentor.mentorId },
  });
  const registration = await site.send('POST', '/api/v1/registrations', {
    as: tenant.key,
    body: { code: code.body.code },
  });
  knownIds = [mentor.mentorId, String(code.body.id), String(registration.body.attribution_id), tenant.orgId, branchId];
});

async function expectNoFault(method: string, path: string, options: Parameters<Site['send']>[2]): Promise<void> {
  const reply = await site.send(method, path, options);
  const about = `${method} ${path} ${JSON.stringify(options?.body)?.slice(0, 500)} → ${reply.status} ${reply.text.slice(0, 400)} ${reply.status >= 500 ? (site.faults.at(-1) ?? '') : ''}`;
  expect(reply.status, about).toBeLessThan(500);
  if (reply.status >= 400) {
    expect(reply.headers.get('content-type'), about).toBe('application/problem+json');
    expect(reply.body, about).toMatchObject({
      type: `/problems/${reply.body.code}`,
      status: reply.status,
      title: expect.any(String),
    });
  }
}

describe('an operation answers whatever it is sent', () => {
  test.each(operations.map((operation) => [operation.id, operation] as const))('%s', async (_, operation) => {
    const documented = document.paths[operation.path]?.[operation.method];
    const schemas = document.components.schemas;
    const content = Object.values(documented?.requestBody?.content ?? {})[0];
    const query = (documented?.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const inPath = (documented?.parameters ?? []).filter((parameter) => parameter.in === 'path');
    const arbitrary = fc.record({
      caller: fc.nat({ max: 4 }),
      path: fc.tuple(
        ...inPath.map(({ schema }) => fc.oneof(fc.constantFrom(0, 1, 2, 3, 4), arbitraryOf(schema, schemas))),
      ),
      query: fc.tuple(
        ...query.map(({ schema }) => fc.option(arbitraryOf(schema, schemas), { nil: undefined, freq: 3 })),
      ),
      body: content === undefined ? fc.constant(undefined) : arbitraryOf(content.schema, schemas, 12),
      key: fc.option(fc.string({ maxLength: 20 }), { freq: 4, nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ caller, path, query: values, body, key }) => {
        let place = 0;
        const filled = operation.path.replaceAll(/\{\w+\}/g, () => {
          const value = path[place++];
          return encodeURIComponent(typeof value === 'number' ? (knownIds[value] ?? '') : textOf(value)) || '-';
        });
        const search = new URLSearchParams();
        query.forEach(({ name }, index) => {
          if (values[index] !== undefined) search.append(name, textOf(values[index]));
        });
        const as = callers[caller];
        const headers = key !== undefined && /^[\x20-\x7e]*$/.test(key) ? { 'idempotency-key': key } : {};
        await expectNoFault(operation.method.toUpperCase(), `${filled}${search.size === 0 ? '' : `?${search}`}`, {
          ...(as === undefined ? {} : { as }),
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        });
      }),
      { numRuns: runs },
    );
  });
});

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.isWellFormed() ? text.slice(0, 3_000) : text.toWellFormed();
}
