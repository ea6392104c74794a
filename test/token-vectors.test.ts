import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createIssuerKeys } from '../src/http/people/issuer-keys.ts';
import { asymmetricAlgorithms, verifySignature } from '../src/http/people/verify-signature.ts';
import { verifyToken } from '../src/http/people/verify-token.ts';
import { fromRoot } from './generated-files.ts';

// Wycheproof's signatures that must not be accepted, each against the key set it is meant for, on the way of a real token.
interface Vector {
  name: string;
  jws: string;
  result: 'valid' | 'invalid';
}
interface Group {
  comment: string;
  keys: Record<string, unknown>[];
  tests: Vector[];
}
const groups = JSON.parse(readFileSync(fromRoot('test/public-lists/json-web-signatures.json'), 'utf8')) as Group[];
const now = new Date('2026-11-21T10:00:00.000Z');
const findIn = (keys: unknown[]) =>
  createIssuerKeys({
    jwksUrl: 'https://issuer.example/jwks',
    now: () => now,
    fetch: async () => Response.json({ keys }),
  }).find;

/**
 * "Valid" in the list, and yet refused here: symmetric keys and algorithms outside our list, and base64url with characters
 * that a lenient decoder skips.
 */
const refusedOnPurpose = (group: Group, { name }: Vector) =>
  /InvalidCharacterInserted|Figure(20|27|35)/.test(name) ||
  !group.keys.some((key) => key.kty !== 'oct') ||
  /^(RS|PS)(384|512)$/.test(algorithmOf(group)) ||
  /jws_keyset/.test(group.comment);
const algorithmOf = (group: Group) => String(group.keys[0]?.alg);

describe('signatures of a public list', () => {
  test.each(groups.map((group, index) => [`${group.comment} (${index})`, group] as const))('%s', async (_, group) => {
    for (const vector of group.tests) {
      const verdict = await verifySignature(vector.jws, asymmetricAlgorithms, findIn(group.keys));
      const expected = vector.result === 'valid' && !refusedOnPurpose(group, vector) ? 'signed' : 'refused';
      expect([vector.name, verdict]).toEqual([vector.name, expect.objectContaining({ outcome: expected })]);
      const issuer = { issuer: 'https://issuer.example', audience: 'authenticated', jwksUrl: '' };
      expect((await verifyToken(vector.jws, issuer, findIn(group.keys), now)).outcome).toBe('refused');
    }
  });
});
