// The document as programs of other makers read it: strict validators, and people with the page alone.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDocument } from '../src/http/openapi.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';

interface Schema {
  type?: string | string[];
  allOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
}

let site: Site;
let tenant: Tenant;
const document = buildDocument('https://verve.example');
const schemas = document.components?.schemas as Record<string, Schema>;
beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
});

const admitsNull = (schema: Schema): boolean => [schema.type].flat().includes('null');

function partsOf(value: unknown): Schema[][] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'allOf' in value ? [(value as { allOf: Schema[] }).allOf] : [];
  return [...own, ...Object.values(value).flatMap(partsOf)];
}

describe('what may be null', () => {
  test('may be so for every part of its schema', () => {
    const contradictions = partsOf(document).filter((parts) => parts.some(admitsNull) && !parts.every(admitsNull));
    expect(contradictions).toEqual([]);
  });

  test('a dismissal has no consequence, and the document says that it may have none', async () => {
    const claim = await site.send('POST', '/api/v1/claims', {
      as: tenant.key,
      body: { claimant: 'mentor', mentor_id: (await tenant.mentor()).mentorId },
    });
    const settled = await site.send('POST', `/api/v1/inbox/${claim.body.inbox_item_id}/resolve`, {
      as: tenant.key,
      body: { how: 'dismiss', reason: 'Known already' },
    });
    expect(settled).toMatchObject({ status: 200, body: { consequence: null } });
    expect(schemas.Resolution?.properties?.consequence?.anyOf).toContainEqual({ type: 'null' });
  });
});

test.each(['funnel', 'mentors', 'branches', 'channels', 'timeline'])(
  'the report %s comes in a media type that the document names, in either form',
  async (name) => {
    const answer = document.paths?.[`/api/v1/reports/${name}`]?.get?.responses?.['200'] as
      | { content?: object }
      | undefined;
    const named = Object.keys(answer?.content ?? {});
    for (const form of ['json', 'csv']) {
      const reply = await site.send('GET', `/api/v1/reports/${name}?format=${form}`, { as: tenant.key });
      expect(named, form).toContain(reply.headers.get('content-type')?.split(';')[0]);
    }
  },
);

test('the page names the choices, the limits and the form of every parameter', async () => {
  const { text } = await site.send('GET', '/docs');
  const listing = text.slice(text.indexOf('id="listReferralAttributions"'), text.indexOf('id="recordReferralClick"'));
  expect(listing).toContain('&quot;pending&quot; | &quot;confirmed&quot; | &quot;rejected&quot;');
  expect(listing).toContain('integer 1–200');
  expect(listing).toContain('string (uuid)');
});

test('the page tells every choice of a body, a file’s example as its lines, and what an answer holds', async () => {
  const { text } = await site.send('GET', '/docs');
  const sectionOf = (id: string) => text.slice(text.indexOf(`id="${id}"`)).split('</details>')[0] ?? '';
  expect(sectionOf('exportPerson')).toMatch(/<code>member_id<.*<p>or<.*<code>mentor_id</s);
  expect(sectionOf('importMemberships')).toContain('medlemsnummer;vervekode;status;dato\n10293;');
  expect(sectionOf('getReferralCode')).toMatch(/<h3>Answer.*<code>code</s);
});

test('replaying a test delivery is refused as such: it is there, but is not sent again', async () => {
  const endpoint = await site.send('POST', '/api/v1/webhook-endpoints', {
    as: tenant.key,
    body: { url: 'https://badges.lydhor.example/hooks', event_types: ['milestone.*'] },
  });
  const made = await site.send('POST', `/api/v1/webhook-endpoints/${endpoint.body.id}/test`, { as: tenant.key });
  const path = `/api/v1/webhook-deliveries/${made.body.delivery_id}`;
  expect(await site.send('GET', path, { as: tenant.key })).toMatchObject({ status: 200 });
  expect(await site.send('POST', `${path}/replay`, { as: tenant.key })).toMatchObject({
    status: 409,
    body: { code: 'conflict' },
  });
  const { key: foreign } = await site.organisation();
  const unknown = `/api/v1/webhook-deliveries/${randomUUID()}/replay`;
  expect((await site.send('POST', `${path}/replay`, { as: foreign })).status).toBe(404);
  expect((await site.send('POST', unknown, { as: tenant.key })).status).toBe(404);
});
