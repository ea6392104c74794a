import { isHexColour } from '../brand/colour.ts';
import { readableOnWhite } from '../brand/colour-scale.ts';
import { makeQrMatrix, type QrLevel, quietZone } from './qr-matrix.ts';

export interface QrSvgOptions {
  /** What the code holds. */
  text: string;
  /** (Default: 'M'.) */
  level?: QrLevel;
  /** The organisation's colour; used where it reaches 4.5:1 on white, else black. (Default: black.) */
  colour?: string | null;
  /** Name for screen readers. Without it the picture is decorative. */
  title?: string;
  /** Longer description for screen readers, with the code in it. */
  description?: string;
  /**
   * Width and height in CSS pixels; at least 200 keeps the code scannable at 30 cm. (Default: 260. null = as wide as its
   * box.)
   */
  size?: number | null;
}

/**
 * A QR code as SVG: dark on white, quiet zone of four modules included, one path, crisp at any scale. Also white in dark
 * mode. Contains no script, style or reference; all text is escaped.
 */
export function makeQrSvg(options: QrSvgOptions): string {
  const { size, modules } = makeQrMatrix(options.text, options.level);
  const side = size + 2 * quietZone;
  const pixels = options.size === undefined ? 260 : options.size;
  const box = pixels === null ? '' : ` width="${pixels}" height="${pixels}"`;
  const colour = readableOnWhite(options.colour != null && isHexColour(options.colour) ? options.colour : null);
  const named = options.title !== undefined;
  const about = named ? ' role="img" aria-labelledby="qr-title"' : ' aria-hidden="true" focusable="false"';
  const described = named && options.description !== undefined ? ' aria-describedby="qr-desc"' : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}"${box}${about}${described} shape-rendering="crispEdges">`,
    named ? `<title id="qr-title">${escapeXml(options.title ?? '')}</title>` : '',
    described === '' ? '' : `<desc id="qr-desc">${escapeXml(options.description ?? '')}</desc>`,
    `<path fill="#ffffff" d="M0 0h${side}v${side}H0z"/>`,
    `<path fill="${colour}" d="${modulePath(modules)}"/></svg>`,
  ].join('');
}

/** Draws each run of dark modules in a row as one rectangle. */
function modulePath(modules: readonly (readonly boolean[])[]): string {
  let path = '';
  modules.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      let end = x;
      while (row[end] === true) end += 1;
      if (end > x) path += `M${x + quietZone} ${y + quietZone}h${end - x}v1h-${end - x}z`;
      x = Math.max(end, x + 1);
    }
  });
  return path;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
