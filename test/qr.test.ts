import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { generateCodes, importCodeKey } from '../src/engine/codes/generate-code.ts';
import { makeQrMatrix, type QrLevel, quietZone } from '../src/engine/qr/qr-matrix.ts';
import { makeQrPng } from '../src/engine/qr/qr-png.ts';
import { makeQrSvg } from '../src/engine/qr/qr-svg.ts';
import { blurred, pictureOf, readByJsqr, readByZxing, stained, turned } from './qr-picture.ts';

const link = 'HTTPS://VERV.LYDHOR.EXAMPLE/Q/3PKCM78AQS';

async function links(count: number): Promise<string[]> {
  const key = await importCodeKey(new TextEncoder().encode('org-secret-test'));
  const owner = { ownerModel: 'mentor', ownerRef: '0b0b0b0b-0000-4000-8000-000000000002', attempt: 0 };
  const orgId = '0a0a0a0a-0000-4000-8000-000000000001';
  const inputs = Array.from({ length: count }, (_, rotationSequence) => ({ ...owner, orgId, rotationSequence }));
  return (await generateCodes(key, inputs)).map((code) => `HTTPS://VERV.LYDHOR.EXAMPLE/Q/${code}`);
}

describe('a QR code', () => {
  it('has 25 modules at M and 29 at Q and H for a short host, because the address is upper case', () => {
    const sizes = (text: string) => (['M', 'Q', 'H'] as const).map((level) => makeQrMatrix(text, level).size);
    expect(sizes('HTTPS://VERV.HLF.NO/R/8F3K2M9QXA')).toEqual([25, 29, 29]);
    expect(sizes('https://verv.hlf.no/r/8F3K2M9QXA')).toEqual([29, 29, 33]);
  });

  it('is read by ZXing and by jsQR for every one of 300 generated codes', async () => {
    for (const text of await links(300)) {
      const picture = pictureOf(makeQrPng({ text, size: 200 }));
      expect(await readByZxing(picture)).toEqual([text]);
      expect(readByJsqr(picture)).toBe(text);
    }
  });

  it.each([7, 30, 45, 90, 133, 180, 271])('is read when turned by %i degrees, small and large', async (degrees) => {
    for (const [index, text] of (await links(6)).entries()) {
      const level = (['M', 'Q', 'H'] as const)[index % 3] as QrLevel;
      const picture = pictureOf(makeQrPng({ text, level, size: 330 }));
      for (const scale of [0.6, 1.37, 2.2]) {
        const seen = turned(picture, degrees, scale);
        expect(await readByZxing(seen)).toEqual([text]);
        expect(readByJsqr(seen)).toBe(text);
      }
    }
  });

  it('is read when blurred by half a module, in weak light, and under a stain', async () => {
    for (const text of await links(6)) {
      const picture = pictureOf(makeQrPng({ text, level: 'Q', size: 330 }));
      const module = picture.width / (makeQrMatrix(text, 'Q').size + 2 * quietZone);
      const soft = blurred(picture, Math.round(module / 4));
      const dim = { ...soft, data: soft.data.map((part, index) => (index % 4 === 3 ? 255 : 60 + part * 0.35)) };
      for (const [how, seen] of Object.entries({ soft, dim, stained: stained(picture, 0.04) })) {
        expect(await readByZxing(seen), how).toEqual([text]);
        expect(readByJsqr(seen), how).toBe(text);
      }
    }
  });

  it('is dark on white, never the other way round, whatever the colour and in dark mode too', async () => {
    for (const colour of ['#000000', '#ffffff', '#14595f', '#fffde7']) {
      const { data } = pictureOf(makeQrPng({ text: link, colour }));
      expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
      const svg = makeQrSvg({ text: link, colour });
      expect(svg).toMatch(/<path fill="#ffffff" d="M0 0h\d+v\d+H0z"\/>/);
      expect(svg).not.toMatch(/currentColor|prefers-color-scheme|<style/);
    }
  });

  it('is read in every brand colour that it takes, and is black where the colour is too light', async () => {
    for (const colour of ['#14595f', '#b3261e', '#0a5fa8', '#767676']) {
      expect(makeQrSvg({ text: link, colour })).toContain(`fill="${colour}"`);
      expect(await readByZxing(pictureOf(makeQrPng({ text: link, colour })))).toEqual([link]);
    }
    for (const colour of ['#f2a33a', '#ffffff', '#ffff00', '#777777']) {
      expect(makeQrSvg({ text: link, colour })).toContain('fill="#000000"');
      expect(decode(makeQrPng({ text: link, colour })).palette).toEqual([
        [255, 255, 255],
        [0, 0, 0],
      ]);
    }
  });

  it('refuses text that is empty or too long to scan', () => {
    expect(() => makeQrSvg({ text: '' })).toThrow(RangeError);
    expect(() => makeQrPng({ text: 'A'.repeat(201) })).toThrow(RangeError);
  });
});

describe('the PNG', () => {
  it('has whole pixels for every module and a quiet zone of four modules', () => {
    const { width, height, data } = decode(makeQrPng({ text: link, size: 520 }));
    const modules = makeQrMatrix(link).size + 2 * quietZone;
    expect(width).toBe(Math.floor(520 / modules) * modules);
    expect(height).toBe(width);
    const scale = width / modules;
    for (let i = 0; i < width * quietZone * scale; i += 1) expect(data[i]).toBe(0);
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < quietZone * scale; x += 1) expect(data[y * width + x]).toBe(0);
  });

  it('states its resolution, 300 dpi unless told otherwise', () => {
    expect(decode(makeQrPng({ text: link })).resolution).toEqual({ x: 11811, y: 11811, unit: 1 });
    expect(decode(makeQrPng({ text: link, dpi: 600 })).resolution).toEqual({ x: 23622, y: 23622, unit: 1 });
  });

  it('refuses sizes that make no sense', () => {
    for (const size of [0, 99, 4_001, 200.5, Number.NaN])
      expect(() => makeQrPng({ text: link, size })).toThrow(RangeError);
    expect(() => makeQrPng({ text: link, dpi: 10 })).toThrow(RangeError);
  });
});

describe('the SVG', () => {
  it('draws the same modules as the PNG', () => {
    const svg = makeQrSvg({ text: link });
    const { size, modules } = makeQrMatrix(link);
    const drawn = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
    for (const [, x, y, run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      for (let i = 0; i < Number(run); i += 1)
        (drawn[Number(y) - quietZone] as boolean[])[Number(x) - quietZone + i] = true;
    }
    expect(drawn).toEqual(modules);
    expect(svg).toContain(`viewBox="0 0 ${size + 2 * quietZone} ${size + 2 * quietZone}" width="260" height="260"`);
  });

  it('names itself to screen readers and escapes what it is given', () => {
    const svg = makeQrSvg({ text: link, title: 'QR «&"<script>', description: 'Koden er 3PKCM-78AQS' });
    expect(svg).toContain('<title id="qr-title">QR «&amp;&quot;&lt;script&gt;</title>');
    expect(svg).toContain('<desc id="qr-desc">Koden er 3PKCM-78AQS</desc>');
    expect(svg).toContain('role="img"');
    expect(makeQrSvg({ text: link })).toContain('aria-hidden="true"');
  });

  it('is made in well under 100 ms', () => {
    const begun = performance.now();
    for (let i = 0; i < 20; i += 1) makeQrSvg({ text: link, level: 'H' });
    expect((performance.now() - begun) / 20).toBeLessThan(100);
  });
});
