import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrast, isHexColour, parseHex } from '../src/engine/brand/colour.ts';
import { makeColourScale, readableOnWhite } from '../src/engine/brand/colour-scale.ts';

const anyColour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
const ratio = (one: string, other: string) => contrast(parseHex(one), parseHex(other));

describe('the colour scale', () => {
  it('is that of Designsystemet for the drawn brand', () => {
    expect(makeColourScale('#14595f', 'light')).toMatchObject({
      'surface-tinted': '#e1eaeb',
      'border-default': '#4d8186',
      'text-subtle': '#26666c',
      'text-default': '#0b3034',
      'base-default': '#14595f',
      'base-hover': '#0f4549',
      'base-contrast-default': '#ffffff',
    });
    expect(makeColourScale('#14595f', 'dark')).toMatchObject({
      'background-default': '#0e1a1b',
      'surface-tinted': '#1a3134',
      'text-subtle': '#98abad',
      'base-default': '#82a7aa',
      'base-contrast-default': '#000000',
    });
  });

  it('keeps an amber button with black text and takes a darker tone for links', () => {
    const tones = makeColourScale('#f2a33a', 'light');
    expect(tones['base-contrast-default']).toBe('#000000');
    expect(tones['text-subtle']).toBe('#7e551e');
  });

  it('is readable whatever the colour', () => {
    fc.assert(
      fc.property(anyColour, fc.constantFrom('light' as const, 'dark' as const), (hex, scheme) => {
        const tones = makeColourScale(hex, scheme);
        for (const base of ['base-default', 'base-hover', 'base-active'] as const) {
          expect(ratio(tones[base], tones['base-contrast-default'])).toBeGreaterThanOrEqual(4.5);
        }
        for (const surface of [
          'background-default',
          'background-tinted',
          'surface-default',
          'surface-tinted',
        ] as const) {
          expect(ratio(tones['text-subtle'], tones[surface])).toBeGreaterThanOrEqual(4.5);
          expect(ratio(tones['text-default'], tones[surface])).toBeGreaterThanOrEqual(4.5);
        }
        expect(ratio(tones['border-default'], tones['background-default'])).toBeGreaterThanOrEqual(3);
        expect(ratio(tones['border-strong'], tones['surface-tinted'])).toBeGreaterThanOrEqual(3);
        expect(ratio(readableOnWhite(hex), '#ffffff')).toBeGreaterThanOrEqual(4.5);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['', 'red', '#fff', '#12345g', '#123456; background: url(//evil)', '#14595f\n'])(
    'is not made from %j',
    (text) => {
      expect(isHexColour(text)).toBe(false);
      expect(() => makeColourScale(text, 'light')).toThrow(RangeError);
    },
  );
});
