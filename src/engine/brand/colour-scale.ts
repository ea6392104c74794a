// The sixteen tones of one brand colour, light and dark: the rule of Designsystemet 1.x, so that the public
// pages, the dashboard and a site built on Designsystemet show the same colours. Design: design.md §7.
import {
  contrast,
  formatHex,
  lightness,
  luminanceOfLightness,
  parseHex,
  type Rgb,
  withChroma,
  withLuminance,
} from './colour.ts';

export type ColourScheme = 'light' | 'dark';

/** Relative luminance of each tone that is mixed from the brand colour. */
const LUMINANCE = {
  'background-default': { light: 1, dark: 0.009 },
  'background-tinted': { light: 0.9, dark: 0.014 },
  'surface-default': { light: 1, dark: 0.021 },
  'surface-tinted': { light: 0.81, dark: 0.027 },
  'surface-hover': { light: 0.7, dark: 0.036 },
  'surface-active': { light: 0.59, dark: 0.056 },
  'border-subtle': { light: 0.5, dark: 0.08 },
  'border-default': { light: 0.19, dark: 0.22 },
  'border-strong': { light: 0.11, dark: 0.39 },
  'text-subtle': { light: 0.11, dark: 0.39 },
  'text-default': { light: 0.0245, dark: 0.84 },
} as const;

type MixedTone = keyof typeof LUMINANCE;
type BaseTone = 'base-default' | 'base-hover' | 'base-active' | 'base-contrast-subtle' | 'base-contrast-default';
/** Name of a tone, as in `--ds-color-accent-{tone}`. */
export type Tone = MixedTone | BaseTone;
/** One colour for every tone, as `#rrggbb`. */
export type ColourScale = Readonly<Record<Tone, string>>;

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

function strongerText(background: Rgb): Rgb {
  return contrast(background, WHITE) >= contrast(background, BLACK) ? WHITE : BLACK;
}

function baseTones(brand: Rgb, scheme: ColourScheme): Record<BaseTone, Rgb> {
  let light = lightness(brand);
  if (scheme === 'dark') light = light <= 30 ? 70 : 100 - light;
  const step = light <= 30 || (light >= 49 && light <= 65) ? -8 : 8;
  const base = scheme === 'light' ? brand : withLuminance(brand, luminanceOfLightness(light));
  const text = strongerText(base);
  // Designsystemet does not promise that text on a pressed button stays readable; we do (4.5:1).
  const readable = (tone: Rgb) => (contrast(tone, text) >= 4.5 ? tone : base);
  const baseLight = lightness(base);
  const away = baseLight <= 40 || baseLight >= 60 ? 60 : 50;
  const subtleLight = text === WHITE ? baseLight + away : baseLight - away;
  return {
    'base-default': base,
    'base-hover': readable(withLuminance(brand, luminanceOfLightness(light - step))),
    'base-active': readable(withLuminance(brand, luminanceOfLightness(light - step * 2))),
    'base-contrast-subtle': withLuminance(base, luminanceOfLightness(subtleLight)),
    'base-contrast-default': text,
  };
}

/**
 * The tones made from one brand colour. Whatever the colour: text on `base-*` reaches 4.5:1, `text-*` reaches
 * 4.5:1 on backgrounds and on `surface-tinted`, `border-default` reaches 3:1 on backgrounds.
 * @param hex the organisation's colour, `#rrggbb`; anything else throws a RangeError.
 */
export function makeColourScale(hex: string, scheme: ColourScheme): ColourScale {
  const brand = parseHex(hex);
  const mixing = scheme === 'dark' ? parseHex(formatHex(withChroma(brand, 0.7))) : brand;
  const mixed = Object.entries(LUMINANCE).map(([tone, wished]) => [
    tone,
    formatHex(withLuminance(mixing, wished[scheme])),
  ]);
  const base = Object.entries(baseTones(brand, scheme)).map(([tone, colour]) => [tone, formatHex(colour)]);
  return Object.fromEntries([...mixed, ...base]) as ColourScale;
}

/** Colour for QR modules on white: the brand colour where it reaches 4.5:1, else black. */
export function readableOnWhite(hex: string | null): string {
  if (hex === null) return '#000000';
  return contrast(parseHex(hex), WHITE) >= 4.5 ? hex.toLowerCase() : '#000000';
}
