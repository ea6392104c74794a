// The picture that a shared link shows in a chat: the organisation's colours and logo, two people, no words about anybody.
import { decode, encode } from 'fast-png';
import { isHexColour, parseHex, type Rgb } from '../../engine/brand/colour.ts';
import { makeColourScale } from '../../engine/brand/colour-scale.ts';
import { neutralColour } from './brand-style.ts';

/** Width and height that every unfurler takes. */
const previewSize = { width: 1200, height: 630 } as const;

/** How far outside (positive) or inside (negative) of a shape a point lies, in pixels. */
type Shape = {
  box: readonly [left: number, top: number, right: number, bottom: number];
  distance(x: number, y: number): number;
};

function disc(cx: number, cy: number, radius: number): Shape {
  return {
    box: [cx - radius, cy - radius, cx + radius, cy + radius],
    distance: (x, y) => Math.hypot(x - cx, y - cy) - radius,
  };
}

function roundedBox(left: number, top: number, right: number, bottom: number, radius: number): Shape {
  return {
    box: [left, top, right, bottom],
    distance: (x, y) => {
      const dx = Math.abs(x - (left + right) / 2) - (right - left) / 2 + radius;
      const dy = Math.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + radius;
      return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
    },
  };
}

function paint(canvas: Uint8Array, shape: Shape, colour: Rgb, opacity = 1): void {
  const { width, height } = previewSize;
  const [left, top, right, bottom] = shape.box;
  for (let y = Math.max(0, Math.floor(top) - 1); y < Math.min(height, bottom + 2); y += 1) {
    for (let x = Math.max(0, Math.floor(left) - 1); x < Math.min(width, right + 2); x += 1) {
      const cover = opacity * Math.min(1, Math.max(0, 0.5 - shape.distance(x + 0.5, y + 0.5)));
      if (cover > 0) blend(canvas, (y * width + x) * 3, colour, cover);
    }
  }
}

function blend(canvas: Uint8Array, at: number, colour: Rgb, cover: number): void {
  for (let part = 0; part < 3; part += 1) {
    canvas[at + part] = Math.round((canvas[at + part] as number) * (1 - cover) + (colour[part] as number) * cover);
  }
}

/** Head and shoulders, standing on the lower edge. */
function paintPerson(canvas: Uint8Array, cx: number, size: number, colour: Rgb, opacity: number): void {
  const base = previewSize.height;
  paint(canvas, roundedBox(cx - size, base - size * 1.15, cx + size, base + size * 2, size), colour, opacity);
  paint(canvas, disc(cx, base - size * 1.15 - size * 0.72, size * 0.58), colour, opacity);
}

function paintLogo(canvas: Uint8Array, png: Uint8Array): void {
  const { width, height, data, channels, depth } = decode(png);
  if (depth !== 8 || channels < 3 || width * height > 4_000_000) return;
  const [left, top, side] = [96, 96, 168];
  paint(canvas, roundedBox(left - 24, top - 24, left + side + 24, top + side + 24, 40), [255, 255, 255]);
  const scale = Math.max(width, height) / side;
  const [dx, dy] = [(side - width / scale) / 2, (side - height / scale) / 2];
  for (let y = 0; y < Math.floor(height / scale); y += 1) {
    for (let x = 0; x < Math.floor(width / scale); x += 1) {
      const from = (Math.floor((y + 0.5) * scale) * width + Math.floor((x + 0.5) * scale)) * channels;
      const colour: Rgb = [data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0];
      const at = (Math.floor(top + dy + y) * previewSize.width + Math.floor(left + dx + x)) * 3;
      blend(canvas, at, colour, channels === 4 ? (data[from + 3] ?? 0) / 255 : 1);
    }
  }
}

/**
 * Draws the picture, 1200 × 630, as PNG well under 300 kB. About 100 ms: keep the result.
 * @param logoPng the logo where it is a PNG; null = colours alone. A picture that cannot be read is left out.
 */
export function drawPreviewPicture(colour: string | null, logoPng: Uint8Array | null): Uint8Array<ArrayBuffer> {
  const tones = makeColourScale(colour !== null && isHexColour(colour) ? colour : neutralColour, 'light');
  const canvas = new Uint8Array(previewSize.width * previewSize.height * 3);
  const ground = parseHex(tones['base-default']);
  for (let at = 0; at < canvas.length; at += 3) canvas.set(ground, at);
  const figure = parseHex(tones['base-contrast-default']);
  paint(canvas, disc(860, 400, 420), figure, 0.08);
  paintPerson(canvas, 740, 150, figure, 0.55);
  paintPerson(canvas, 980, 180, figure, 1);
  if (logoPng !== null) {
    try {
      paintLogo(canvas, logoPng);
    } catch {
      // A logo that is no readable PNG: the picture stands without it.
    }
  }
  return new Uint8Array(encode({ ...previewSize, data: canvas, channels: 3, depth: 8 }));
}
