import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64Url, toBase64Url, toHex, toUuid } from '../src/engine/encode-bytes.ts';
import { isUuid } from '../src/engine/ids.ts';

test('bytes are spelt as Node spells them, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    }),
  );
});

test('base64url has one spelling: padding, stray bits and other alphabets are none', () => {
  for (const text of ['AA==', 'AB', 'A', 'A+/A', 'AAAAA', 'å']) expect(fromBase64Url(text), text).toBeNull();
});

test('a UUID of given bytes is one of version 4, and leaves them as they were', () => {
  const bytes = new Uint8Array(32).fill(0xff);
  expect(toUuid(bytes)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
  expect(isUuid(toUuid(bytes))).toBe(true);
  expect(bytes[6]).toBe(0xff);
});
