import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson, StrictJsonError } from '../src/connectors/json/strict-json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const codeOf = (input: Uint8Array | string, options = {}) => {
  try {
    parseStrictJson(input, options);
    return 'accepted';
  } catch (error) {
    return error instanceof StrictJsonError ? error.code : 'another error';
  }
};

describe('strict JSON', () => {
  test('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'large', maxDepth: 10 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('__proto__'));
        for (const text of [JSON.stringify(value), JSON.stringify(value, null, '\t')]) {
          expect(parseStrictJson(bytes(text))).toEqual(JSON.parse(text));
        }
      }),
    );
  });

  test('skips a byte order mark', () => {
    expect(parseStrictJson(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes('{"a":1}')]))).toEqual({ a: 1 });
  });

  test.each([
    ['the same key twice', '{"a":1,"a":2}', 'duplicate_key'],
    ['the same key once escaped', '{"a":1,"\\u0061":2}', 'duplicate_key'],
    ['the same key with white space before the colon', '{"a":1,"a"\n:2}', 'duplicate_key'],
    ['a double key deep inside', '{"x":[{"y":{"a":1,"b":2,"a":3}}]}', 'duplicate_key'],
    ['the same key in two objects', '[{"a":1},{"a":1}]', 'accepted'],
    ['a key equal to a string value', '{"a":"a","b":"a"}', 'accepted'],
    ['strings in an array that look like keys', '["a","a"]', 'accepted'],
    ['brackets within strings', '{"a":"{[\\"","b":"}]"}', 'accepted'],
    ['half a surrogate pair in a value', '{"a":"\\ud800"}', 'lone_surrogate'],
    ['half a surrogate pair in a key', '{"\\udc00":1}', 'lone_surrogate'],
    ['a whole surrogate pair', '{"a":"\\ud83d\\ude00"}', 'accepted'],
    ['a key that would change a prototype', '{"__proto__":{"admin":true}}', 'forbidden_key'],
    ['a trailing comma', '{"a":1,}', 'invalid_json'],
    ['two values', '{} {}', 'invalid_json'],
    ['nothing', '', 'invalid_json'],
  ])('%s', (_title, text, code) => {
    expect(codeOf(bytes(text))).toBe(code);
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(codeOf(new Uint8Array([0x22, 0xe6, 0x22]))).toBe('invalid_utf8');
  });

  test('refuses an ill-formed string where text is given', () => {
    expect(codeOf('"\ud800"')).toBe('lone_surrogate');
  });

  test('bounds depth and size', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(codeOf(nested(32))).toBe('accepted');
    expect(codeOf(nested(33))).toBe('too_deep');
    expect(codeOf(nested(130_000))).toBe('too_deep');
    expect(codeOf(bytes('"12345"'), { maxBytes: 6 })).toBe('too_large');
    expect(codeOf(bytes('"1234"'), { maxBytes: 6 })).toBe('accepted');
  });

  test('never quotes the text in its message', () => {
    expect(() => parseStrictJson('{"member":"90210",}')).toThrow(/^The body is not valid JSON\.$/);
  });
});
