import { contrast, isHexColour, parseHex } from '../../engine/brand/colour.ts';
import { type ColourScheme, makeColourScale } from '../../engine/brand/colour-scale.ts';

/** The colour of pages that belong to no organisation, and of organisations that chose none. */
export const neutralColour = '#14595f';

/** The ground that buttons stand on, as in page-style.ts; print is light. */
const grounds: Readonly<Record<ColourScheme, string>> = { light: '#ffffff', dark: '#21292b' };

/** The colours of the public pages that come from the organisation's one. */
export interface AccentTones {
  base: string;
  hover: string;
  contrast: string;
  tint: string;
  text: string;
  strong: string;
  border: string;
  edge: string;
  tick: string;
}

/** The accent of a page. Where the colour itself is no more than 3:1 from the ground, its controls have an edge. */
export function accentTones(colour: string | null, scheme: ColourScheme): AccentTones {
  const tones = makeColourScale(colour !== null && isHexColour(colour) ? colour : neutralColour, scheme);
  const stands = contrast(parseHex(tones['base-default']), parseHex(grounds[scheme])) >= 3;
  return {
    base: tones['base-default'],
    hover: tones['base-hover'],
    contrast: tones['base-contrast-default'],
    tint: tones['surface-tinted'],
    text: tones['text-subtle'],
    strong: tones['text-default'],
    border: tones['border-default'],
    edge: stands ? 'transparent' : tones['border-default'],
    tick: tones[stands ? 'base-default' : 'text-subtle'],
  };
}

function properties(colour: string | null, scheme: ColourScheme): string {
  return Object.entries(accentTones(colour, scheme))
    .map(([name, tone]) => `--accent-${name}:${tone}`)
    .join(';');
}

/**
 * The organisation's accent as custom properties, light and dark, made readable. The same colour gives the same text, so
 * that its hash can stand in the content-security policy.
 */
export function brandStyle(colour: string | null): string {
  const [light, dark] = [properties(colour, 'light'), properties(colour, 'dark')];
  return `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`;
}

/** The accent for print: always the light tones. */
export function printBrandStyle(colour: string | null): string {
  return `:root{${properties(colour, 'light')}}`;
}
