import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CodeInput,
  codeAlphabet,
  generateCode,
  generateCodes,
  importCodeKey,
} from '../src/engine/codes/generate-code.ts';
import { nearestCodes, typingDistance } from '../src/engine/codes/nearest-codes.ts';
import { displayCode, readCode } from '../src/engine/codes/read-code.ts';

const input: CodeInput = {
  ownerModel: 'mentor',
  ownerRef: '0b0b0b0b-0000-4000-8000-000000000002',
  orgId: '0a0a0a0a-0000-4000-8000-000000000001',
  rotationSequence: 0,
  attempt: 0,
};
const testKey = () => importCodeKey(new TextEncoder().encode('org-secret-test'));

describe('a code', () => {
  test.each([
    [0, 0, '3PKCM78AQS'],
    [1, 0, 'FC0V7PPZQJ'],
    [2, 0, '1BV4YW0SKS'],
    [0, 1, 'GB2KMPM14Z'],
    [1, 1, 'H9AHZG9YM0'],
  ])('of rotation %i and attempt %i is the published vector %s', async (rotationSequence, attempt, code) => {
    expect(await generateCode(await testKey(), { ...input, rotationSequence, attempt })).toBe(code);
  });

  test('does not depend on the case of the ids', async () => {
    const upper = { ...input, ownerRef: input.ownerRef.toUpperCase(), orgId: input.orgId.toUpperCase() };
    expect(await generateCode(await testKey(), upper)).toBe('3PKCM78AQS');
  });

  test('of an owner that is no mentor differs from the code of the mentor of the same id', async () => {
    expect(await generateCode(await testKey(), { ...input, ownerModel: 'Customer' })).not.toBe('3PKCM78AQS');
  });

  test('comes a hundred thousand at a time, in order, no two the same', async () => {
    const key = await testKey();
    const inputs = Array.from({ length: 100_000 }, (_, rotationSequence) => ({ ...input, rotationSequence }));
    const codes = await generateCodes(key, inputs);
    expect(codes[1]).toBe('FC0V7PPZQJ');
    expect(new Set(codes).size).toBe(100_000);
  }, 20_000);
});

describe('a typed code', () => {
  test.each([
    ['3pkcm78aqs'],
    ['3PKCM-78AQS'],
    [' 3pkcm 78aqs\n'],
    ['3PKCM–78AQS'],
    ['3PKCM\u00A078A\u200BQS'],
    ['３PKCM78AQS'],
  ])('%j is read as 3PKCM78AQS', (typed) => {
    expect(readCode(typed)).toBe('3PKCM78AQS');
  });

  test('has O read as 0, I and L as 1', () => {
    expect(readCode('oOiIlL7890')).toBe('0011117890');
  });

  test.each([
    [''],
    ['3PKCM78AQ'],
    ['3PKCM78AQSS'],
    ['3PKCM78AQU'],
    ['3PKCM78AQ/'],
    ['3PKCM78AQ\u0000'],
    ['-'.repeat(100)],
  ])('%j is no code', (typed) => {
    expect(readCode(typed)).toBeNull();
  });

  test('is read back from the form in which it is shown, whatever the code', () => {
    const code = fc.array(fc.constantFrom(...codeAlphabet), { minLength: 10, maxLength: 10 }).map((c) => c.join(''));
    fc.assert(
      fc.property(code, (c) => {
        expect(displayCode(c)).toMatch(/^.{5}-.{5}$/);
        expect(readCode(displayCode(c).toLowerCase())).toBe(c);
      }),
    );
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const code = readCode(typed);
        expect(code === null || /^[0-9A-HJKMNP-TV-Z]{10}$/.test(code)).toBe(true);
      }),
    );
  });
});

describe('the nearest codes of an unknown one', () => {
  const codes = ['3PKCM78AQS', '3PKCM7BAQS', '3PKCM78AQZ', 'FC0V7PPZQJ', '1BV4YW0SKS', 'GB2KMPM14Z', 'H9AHZG9YM0'].map(
    (code) => ({ code }),
  );
  const nearest = (typed: string) => nearestCodes(typed, codes).map((near) => near.candidate.code);

  test('begin with the one that differs by a look-alike', () => {
    expect(nearest('FC0V7PP2QJ')).toEqual(['FC0V7PPZQJ']);
    expect(nearest('1BU4YWOSKS')).toEqual(['1BV4YW0SKS']);
  });

  test('find two swapped characters, a missing one, a doubled one and an added one', () => {
    expect(nearest('BG2KMPM14Z')).toEqual(['GB2KMPM14Z']);
    expect(nearest('GB2KPM14Z')).toEqual(['GB2KMPM14Z']);
    expect(nearest('GB22KMPM14Z')).toEqual(['GB2KMPM14Z']);
    expect(nearest('GB2KMPM14ZX')).toEqual(['GB2KMPM14Z']);
  });

  test('put a look-alike before a neighbouring key, and that before any other slip', () => {
    expect(typingDistance('3PKCM78AQS', '3PKCM7BAQS')).toBeLessThan(typingDistance('3PKCM78AQS', '3PKCM79AQS'));
    expect(typingDistance('3PKCM78AQS', '3PKCM79AQS')).toBeLessThan(typingDistance('3PKCM78AQS', '3PKCM7WAQS'));
  });

  test('are none for something else altogether', () => {
    expect(nearest('ZZZZZZZZZZ')).toEqual([]);
    expect(nearest('')).toEqual([]);
    expect(nearest('A'.repeat(500))).toEqual([]);
  });

  test('are five at most, equals in the order of the code', () => {
    const many = ['A', 'C', 'E', 'F', 'H', 'J', 'K'].map((last) => ({ code: `000000000${last}` }));
    const found = nearestCodes('0000000002', many).map((near) => near.candidate.code.slice(-1));
    expect(found).toHaveLength(5);
    expect(found).toEqual(['A', 'C', 'E', 'F', 'H']);
  });
});
