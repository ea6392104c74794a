import { isHexColour } from '../../engine/brand/colour.ts';
import { makeColourScale } from '../../engine/brand/colour-scale.ts';
import { neutralColour } from '../pages/brand-style.ts';

/**
 * The organisation's accent under Designsystemet's names, light and dark, by the system's wish or the person's own. The same
 * colour gives the same text, so that its hash can stand in the content-security policy.
 */
export function dashboardBrandStyle(colour: string | null): string {
  const hex = colour !== null && isHexColour(colour) ? colour.toLowerCase() : neutralColour;
  const tones = (scheme: 'light' | 'dark') =>
    Object.entries(makeColourScale(hex, scheme))
      .map(([tone, value]) => `--ds-color-accent-${tone}:${value}`)
      .join(';');
  const dark = tones('dark');
  return (
    `:root{${tones('light')}}@media (prefers-color-scheme:dark){:root:not([data-color-scheme=light]){${dark}}}` +
    `:root[data-color-scheme=dark]{${dark}}`
  );
}
