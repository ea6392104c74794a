// Pictures for QR readers: as a camera would see a code, turned and scaled.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { decode } from 'fast-png';
import jsqr from 'jsqr';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

// jsQR is CommonJS; its types describe the default export one level too high.
const readWithJsqr = ((jsqr as unknown as { default?: typeof jsqr }).default ?? jsqr) as unknown as (
  data: Uint8ClampedArray,
  width: number,
  height: number,
) => { data: string } | null;

export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** Decodes a PNG of any kind into RGBA. */
export function pictureOf(png: Uint8Array): Picture {
  const { width, height, data, palette, channels } = decode(png);
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i += 1) {
    const at = (part: number) => data[i * channels + Math.min(part, channels - 1)] ?? 0;
    const colour = palette === undefined ? [at(0), at(1), at(2)] : (palette[at(0)] ?? [255, 0, 255]);
    rgba.set([colour[0] ?? 0, colour[1] ?? 0, colour[2] ?? 0, 255], i * 4);
  }
  return { width, height, data: rgba };
}

/** The picture turned by an angle and scaled, with smoothed edges, on a grey table. */
export function turned(picture: Picture, degrees: number, scale: number): Picture {
  const angle = (degrees * Math.PI) / 180;
  const side = Math.ceil(Math.hypot(picture.width, picture.height) * scale) + 16;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  const background = 190;
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [dx, dy] = [(x - side / 2) / scale, (y - side / 2) / scale];
      const sx = dx * Math.cos(angle) + dy * Math.sin(angle) + picture.width / 2 - 0.5;
      const sy = -dx * Math.sin(angle) + dy * Math.cos(angle) + picture.height / 2 - 0.5;
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      for (let part = 0; part < 3; part += 1) {
        const at = (px: number, py: number) =>
          px < 0 || py < 0 || px >= picture.width || py >= picture.height
            ? background
            : (picture.data[(py * picture.width + px) * 4 + part] ?? background);
        const upper = at(left, top) * (1 - (sx - left)) + at(left + 1, top) * (sx - left);
        const lower = at(left, top + 1) * (1 - (sx - left)) + at(left + 1, top + 1) * (sx - left);
        data[(y * side + x) * 4 + part] = upper * (1 - (sy - top)) + lower * (sy - top);
      }
    }
  }
  return { width: side, height: side, data };
}

/** The picture out of focus: every point is the mean of the square around it, `radius` pixels to each side. */
export function blurred(picture: Picture, radius: number): Picture {
  const { width, height } = picture;
  const data = new Uint8ClampedArray(picture.data.length).fill(255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let [sum, count] = [0, 0];
      for (let py = Math.max(0, y - radius); py <= Math.min(height - 1, y + radius); py += 1) {
        for (let px = Math.max(0, x - radius); px <= Math.min(width - 1, x + radius); px += 1) {
          sum += picture.data[(py * width + px) * 4] ?? 0;
          count += 1;
        }
      }
      data.fill(sum / count, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

/** The picture with a brown disc over a share of its area, in the middle. */
export function stained(picture: Picture, share: number): Picture {
  const { width, height } = picture;
  const data = picture.data.slice();
  const radius = Math.sqrt((share * width * height) / Math.PI);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (Math.hypot(x - width * 0.5, y - height * 0.48) < radius) data.set([90, 60, 40, 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

let isPrepared = false;

/** What ZXing (C++) reads; an empty list when it sees no code. */
export async function readByZxing(picture: Picture): Promise<string[]> {
  if (!isPrepared) {
    const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    const bytes = await readFile(wasm);
    prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(bytes).buffer }, fireImmediately: true });
    isPrepared = true;
  }
  const image = { ...picture, colorSpace: 'srgb' } as unknown as ImageData;
  return (await readBarcodes(image, { formats: ['QRCode'] })).map((result) => result.text);
}

/** What jsQR reads; null when it sees no code. */
export function readByJsqr(picture: Picture): string | null {
  return readWithJsqr(picture.data, picture.width, picture.height)?.data ?? null;
}
