import { contrast, isHexColour, parseHex } from '../../engine/brand/colour.ts';
import { type ColourScheme, makeColourScale } from '../../engine/brand/colour-scale.ts';

/** The colour of pages that belong to no organisation, and of organisations that chose none. */
export const neutralColour = '#14595f';

/** The ground that buttons stand on, as in page-style.ts; print is light. */
const grounds: Readonly<Record<ColourScheme, string>> = { light: '#ffffff', dark: '#21292b' };

/** The tones as custom properties. Where the colour itself is no more than 3:1 from the ground, its controls have an edge. */
function properties(hex: string, scheme: ColourScheme): string {
  const tones = makeColourScale(hex, scheme);
  const stands = contrast(parseHex(tones['base-default']), parseHex(grounds[scheme])) >= 3;
  return [
    `--accent-base:${tones['base-default']}`,
    `--accent-hover:${tones['base-hover']}`,
    `--accent-contrast:${tones['base-contrast-default']}`,
    `--accent-tint:${tones['surface-tinted']}`,
    `--accent-text:${tones['text-subtle']}`,
    `--accent-strong:${tones['text-default']}`,
    `--accent-border:${tones['border-default']}`,
    `--accent-edge:${stands ? 'transparent' : tones['border-default']}`,
    `--accent-tick:${tones[stands ? 'base-default' : 'text-subtle']}`,
  ].join(';');
}

/**
 * The organisation's accent as custom properties, light and dark, made readable. The same colour gives the same text, so
 * that its hash can stand in the content-security policy.
 */
export function brandStyle(colour: string | null): string {
  const hex = colour !== null && isHexColour(colour) ? colour.toLowerCase() : neutralColour;
  const light = properties(hex, 'light');
  const dark = properties(hex, 'dark');
  return `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`;
}

/** The accent for print: always the light tones. */
export function printBrandStyle(colour: string | null): string {
  const hex = colour !== null && isHexColour(colour) ? colour.toLowerCase() : neutralColour;
  return `:root{${properties(hex, 'light')}}`;
}
