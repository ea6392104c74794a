import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseStrictJson, StrictJsonError } from '../src/connectors/json/strict-json.ts';
import { signMessage } from '../src/engine/webhooks/sign.ts';
import { operations } from '../src/http/operations.ts';
import { textPlaces, withText } from './example-bodies.ts';
import { system } from './harness-verve.ts';
import { makeSite, type Site, type Tenant } from './http-site.ts';
import { jsonCases, naughtyStrings } from './public-lists.ts';
import { hurtfulStrings } from './schema-arbitrary.ts';

// Input of public lists: every file of JSONTestSuite as a body, the Big List of Naughty Strings in every text field.
// VERVE_FUZZ_RUNS set: every string in every field. (Default: a tenth of them in each, the next tenth in the next)
const isLong = process.env.VERVE_FUZZ_RUNS !== undefined;
const shares = isLong ? 1 : 10;

let site: Site;
let tenant: Tenant;
let mentorId: string;
let signingSecret: string;

beforeAll(async () => {
  site = await makeSite();
  tenant = await site.organisation();
  ({ mentorId } = await tenant.mentor());
  const call = { orgId: tenant.orgId, actor: system };
  const made = await site.verve.secrets.rotateInboundSecret({ ...call, purpose: 'webhook_signing', overlapHours: 1 });
  signingSecret = made.value ?? '';
});

/** Sends bytes as they are. */
async function post(
  path: string,
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  method = 'POST',
): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers };
  return site.handler(new Request(`http://verve.example${path}`, { method, headers: all, body }));
}

/** Valid JSON that is refused all the same: what two parsers could read differently, and what PostgreSQL cannot hold. */
const refusedOnPurpose = /^y_(object_duplicated_key|object_duplicated_key_and_value)$/;
const refusedAsBody =
  /^y_(object_duplicated_key|object_duplicated_key_and_value|object_escaped_null_in_key|string_null_escape)$/;
const mostBytes = 65_536;

describe('JSON that hurts, of a public suite', () => {
  const cases = jsonCases();

  test('the suite is there: 188 that are no JSON, 95 that are, 35 left open', () => {
    const count = (kind: string) => cases.filter(({ name }) => name.startsWith(kind)).length;
    expect([count('n_'), count('y_'), count('i_')]).toEqual([188, 95, 35]);
  });

  test('the parser takes what is JSON and refuses what is not, with its own error', () => {
    for (const { name, bytes } of cases) {
      let verdict: unknown = 'accepted';
      try {
        parseStrictJson(new Uint8Array(bytes));
      } catch (error) {
        verdict = error instanceof StrictJsonError ? 'refused' : error;
      }
      const expected = name.startsWith('y_') && !refusedOnPurpose.test(name) ? 'accepted' : 'refused';
      if (name.startsWith('i_')) expect(['accepted', 'refused'], name).toContain(verdict);
      else expect([name, verdict]).toEqual([name, expected]);
    }
  });

  const bodies = operations.filter(
    ({ body, bodyForm, isBodyOptional, path }) =>
      body !== null && bodyForm === 'json' && !isBodyOptional && !path.includes('{'),
  );
  test.each(
    bodies.map(
      ({ method, path, maxBodyBytes }) => [`${method.toUpperCase()} ${path}`, method, path, maxBodyBytes] as const,
    ),
  )(
    '%s: what is no JSON is 400, what is JSON is judged by its form, nothing is a fault',
    async (_, method, path, most) => {
      for (const { name, bytes } of cases) {
        const response = await post(
          path,
          new Uint8Array(bytes),
          { authorization: `Bearer ${tenant.key}` },
          method.toUpperCase(),
        );
        const answer = (await response.json()) as { code: string };
        const isRefused = name.startsWith('n_') || refusedAsBody.test(name);
        if (bytes.length > most) expect([name, response.status]).toEqual([name, 413]);
        else if (isRefused) expect([name, response.status, answer.code]).toEqual([name, 400, 'invalid_json']);
        else expect([name, response.status < 500]).toEqual([name, true]);
        if (name.startsWith('y_') && !isRefused) expect([name, answer.code]).not.toEqual([name, 'invalid_json']);
        if (response.status >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
      }
    },
  );

  test('a signed delivery that is no JSON is answered and never a fault', async () => {
    for (const { name, bytes } of cases) {
      const id = `msg_${randomUUID()}`;
      const timestampSeconds = Math.floor(Date.now() / 1000);
      const signature = await signMessage([signingSecret], { id, timestampSeconds, body: new Uint8Array(bytes) });
      const response = await post(`/api/v1/webhooks/membership/${tenant.slug}`, new Uint8Array(bytes), {
        'webhook-id': id,
        'webhook-timestamp': String(timestampSeconds),
        'webhook-signature': signature,
      });
      const text = await response.text();
      expect(response.status, `${name} ${text}`).toBeLessThan(500);
      if (name.startsWith('n_') && bytes.length <= mostBytes) expect([name, response.status]).toEqual([name, 400]);
    }
  });
});

describe('strings that hurt, of a public list, in every text field', () => {
  const strings = [...naughtyStrings(), ...hurtfulStrings];
  let turn = 0;
  const places = operations.flatMap((operation) => {
    if (operation.body === null || operation.bodyExample === undefined) return [];
    return textPlaces(operation.bodyExample).map((way) => {
      turn += 1;
      return [`${operation.id} ${way.join('.')}`, operation, way, turn] as const;
    });
  });

  test('the list is there, and every operation with a body has an example to put them in', () => {
    expect(naughtyStrings()).toHaveLength(515);
    const without = operations.filter(({ body, bodyExample }) => body !== null && bodyExample === undefined);
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  test.each(places)('%s', async (_, operation, way, place) => {
    const path = operation.path.replaceAll(/\{\w+\}/g, mentorId);
    for (const [index, text] of strings.entries()) {
      if ((index + place) % shares !== 0) continue;
      const body = withText(operation.bodyExample, way, text);
      const reply = await site.send(operation.method.toUpperCase(), path, { as: tenant.key, body });
      const about = `${JSON.stringify(text)} → ${reply.status} ${reply.status >= 500 ? site.faults.at(-1) : ''}`;
      expect(reply.status, about).toBeLessThan(500);
      if (reply.status < 400) continue;
      expect(reply.headers.get('content-type'), about).toBe('application/problem+json');
      if (text.length > 30 && !/^[\w ]*$/.test(text)) expect(reply.text.includes(text), about).toBe(false);
    }
  });
});
