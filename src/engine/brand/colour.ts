// Colour arithmetic that WCAG and Designsystemet define. Pure; no dependency.

/** A colour as red, green and blue, each 0–255 (fractions while calculating). */
export type Rgb = readonly [red: number, green: number, blue: number];

const HEX = /^#[0-9a-f]{6}$/i;

/** Whether the text is a colour of the form `#14595f`; the only form that is accepted from anybody. */
export function isHexColour(text: string): boolean {
  return HEX.test(text);
}

/** Reads `#rrggbb`. Throws a RangeError for any other text: check with `isHexColour` first. */
export function parseHex(hex: string): Rgb {
  if (!isHexColour(hex)) throw new RangeError('A colour is written #rrggbb');
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

/** Writes `#rrggbb` in lower case, rounded and kept within the gamut. */
export function formatHex(colour: Rgb): string {
  const parts = colour.map((part) => Math.round(Math.min(255, Math.max(0, part))));
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function linear(part: number): number {
  const unit = part / 255;
  return unit <= 0.03928 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
}

function companded(unit: number): number {
  return 255 * (unit <= 0.0031308 ? unit * 12.92 : 1.055 * unit ** (1 / 2.4) - 0.055);
}

/** Relative luminance, 0 (black) to 1 (white), as WCAG 2 defines it. */
export function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** Contrast ratio of two colours, 1 to 21, as WCAG 2 defines it. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Lightness L* (0–100) of a colour. */
export function lightness(colour: Rgb): number {
  const y = luminance(colour);
  return y <= 0.0088564516 ? y * 903.2962962 : 116 * Math.cbrt(y) - 16;
}

/** Relative luminance of the grey that has this lightness L*, rounded to a colour that a screen has. */
export function luminanceOfLightness(value: number): number {
  const bounded = Math.min(100, Math.max(0, value));
  const y = bounded <= 8 ? bounded / 903.2962962 : ((bounded + 16) / 116) ** 3;
  const grey = Math.round(companded(y));
  return luminance([grey, grey, grey]);
}

/** The colour mixed with black or white until it has the wished luminance (bisection, 20 steps). */
export function withLuminance(colour: Rgb, wished: number): Rgb {
  if (wished <= 0) return [0, 0, 0];
  if (wished >= 1) return [255, 255, 255];
  const darker = luminance(colour) > wished;
  let low: Rgb = darker ? [0, 0, 0] : colour;
  let high: Rgb = darker ? colour : [255, 255, 255];
  let middle = low;
  for (let step = 0; step <= 20; step += 1) {
    middle = [0, 1, 2].map((part) => ((low[part] as number) + (high[part] as number)) / 2) as unknown as Rgb;
    const reached = luminance(middle);
    if (Math.abs(reached - wished) < 1e-7) break;
    if (reached > wished) high = middle;
    else low = middle;
  }
  return middle;
}

/** The colour with its chroma (OKLCH) multiplied by `factor`: the same hue, calmer. */
export function withChroma(colour: Rgb, factor: number): Rgb {
  const [r, g, b] = colour.map(linear) as unknown as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const light = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  const a = factor * (1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s);
  const c = factor * (0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s);
  const l3 = (light + 0.3963377774 * a + 0.2158037573 * c) ** 3;
  const m3 = (light - 0.1055613458 * a - 0.0638541728 * c) ** 3;
  const s3 = (light - 0.0894841775 * a - 1.291485548 * c) ** 3;
  return [
    companded(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
    companded(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
    companded(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3),
  ];
}
