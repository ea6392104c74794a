import { isHexColour } from '../../engine/brand/colour.ts';
import { type ColourScale, makeColourScale } from '../../engine/brand/colour-scale.ts';

/** The colour of pages that belong to no organisation, and of organisations that chose none. */
export const neutralColour = '#14595f';

function properties(tones: ColourScale): string {
  return [
    `--accent-base:${tones['base-default']}`,
    `--accent-hover:${tones['base-hover']}`,
    `--accent-contrast:${tones['base-contrast-default']}`,
    `--accent-tint:${tones['surface-tinted']}`,
    `--accent-text:${tones['text-subtle']}`,
    `--accent-strong:${tones['text-default']}`,
    `--accent-border:${tones['border-default']}`,
  ].join(';');
}

/**
 * The organisation's accent as custom properties, light and dark, made readable. The same colour gives the same text, so
 * that its hash can stand in the content-security policy.
 */
export function brandStyle(colour: string | null): string {
  const hex = colour !== null && isHexColour(colour) ? colour.toLowerCase() : neutralColour;
  const light = properties(makeColourScale(hex, 'light'));
  const dark = properties(makeColourScale(hex, 'dark'));
  return `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}`;
}

/** The accent for print: always the light tones. */
export function printBrandStyle(colour: string | null): string {
  const hex = colour !== null && isHexColour(colour) ? colour.toLowerCase() : neutralColour;
  return `:root{${properties(makeColourScale(hex, 'light'))}}`;
}
