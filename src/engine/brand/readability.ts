import { contrast, parseHex } from './colour.ts';
import { makeColourScale, readableOnWhite } from './colour-scale.ts';

/** Contrast of a pair of colours, 1 to 21, to one decimal. */
const ratio = (one: string, other: string): number => Math.round(contrast(parseHex(one), parseHex(other)) * 10) / 10;

/** What becomes of a colour where it would be hard to read, on white. Whatever the colour: text reaches 4.5, borders 3. */
export interface Readability {
  /** Text on a button of the colour itself: black or white, whichever is stronger. */
  button: { text: string; ratio: number; other: string; otherRatio: number };
  /** Links and text in the colour; `wishedRatio` is what the colour itself would have had. */
  link: { colour: string; ratio: number; wishedRatio: number };
  /** Borders of fields and the like. */
  border: { colour: string; ratio: number };
  /** Modules of QR codes. */
  qr: { colour: string; ratio: number };
}

/**
 * How readable an organisation's colour is, and which tone is taken where it is not. @throws RangeError for what is no
 * colour
 */
export function describeReadability(hex: string): Readability {
  const tones = makeColourScale(hex, 'light');
  const text = tones['base-contrast-default'];
  const other = text === '#000000' ? '#ffffff' : '#000000';
  const colour = tones['text-subtle'];
  const border = tones['border-default'];
  const qr = readableOnWhite(hex);
  return {
    button: {
      text,
      ratio: ratio(tones['base-default'], text),
      other,
      otherRatio: ratio(tones['base-default'], other),
    },
    link: { colour, ratio: ratio(colour, '#ffffff'), wishedRatio: ratio(hex, '#ffffff') },
    border: { colour: border, ratio: ratio(border, '#ffffff') },
    qr: { colour: qr, ratio: ratio(qr, '#ffffff') },
  };
}
