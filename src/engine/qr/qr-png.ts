import { encode } from 'fast-png';
import { parseHex } from '../brand/colour.ts';
import { readableOnWhite } from '../brand/colour-scale.ts';
import { withResolution } from './png-resolution.ts';
import { makeQrMatrix, type QrLevel, quietZone } from './qr-matrix.ts';

export interface QrPngOptions {
  /** What the code holds. */
  text: string;
  /** (Default: 'M'.) */
  level?: QrLevel;
  /** The organisation's colour; used where it reaches 4.5:1 on white, else black. (Default: black.) */
  colour?: string | null;
  /** The width wished, in pixels, 100 to 4,000. The picture is the largest whole multiple that fits. (Default: 520.) */
  size?: number;
  /** Dots per inch told to printers; the printed width is pixels ÷ dpi. (Default: 300.) */
  dpi?: number;
}

/**
 * A QR code as PNG. Every module is the same whole number of pixels (no blurred edges), so the width is the largest
 * multiple of the module count, quiet zone included, that is not wider than wished. Two colours, a few hundred bytes.
 * @throws RangeError for a size outside 100–4,000 or a resolution outside 72–2,400.
 */
export function makeQrPng(options: QrPngOptions): Uint8Array {
  const { size: wished = 520, dpi = 300 } = options;
  if (!Number.isInteger(wished) || wished < 100 || wished > 4_000)
    throw new RangeError('A QR picture is 100 to 4,000 wide');
  if (!(dpi >= 72 && dpi <= 2_400)) throw new RangeError('A resolution is 72 to 2,400 dpi');
  const { size, modules } = makeQrMatrix(options.text, options.level);
  const scale = Math.floor(wished / (size + 2 * quietZone));
  const width = scale * (size + 2 * quietZone);
  const data = new Uint8Array(width * width);
  for (let y = 0; y < size * scale; y += 1) {
    const row = modules[Math.floor(y / scale)] ?? [];
    const start = (y + quietZone * scale) * width + quietZone * scale;
    for (let x = 0; x < size * scale; x += 1) if (row[Math.floor(x / scale)]) data[start + x] = 1;
  }
  const dark = parseHex(readableOnWhite(options.colour ?? null));
  const palette = [[255, 255, 255], [...dark]];
  return withResolution(encode({ width, height: width, data, channels: 1, depth: 8, palette }), dpi);
}
