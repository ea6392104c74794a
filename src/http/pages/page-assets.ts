// Style and font of the public pages, served by us under addresses that change with their content.
import { toHex } from '../../engine/encode-bytes.ts';
import { interLatin } from './assets/font.generated.ts';
import { pageStyle } from './page-style.ts';
import { printStyle } from './print-style.ts';

/** One file, as it is sent. */
interface Asset {
  path: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface PageAssets {
  styleUrl: string;
  printStyleUrl: string;
  /** The answer for a path under `/assets/pages/`; null = there is no such file. */
  respond(path: string): Response | null;
}

let loaded: Promise<PageAssets> | null = null;

/** The files, hashed once in a process. */
export function loadPageAssets(): Promise<PageAssets> {
  loaded ??= hashAssets();
  return loaded;
}

async function hashAssets(): Promise<PageAssets> {
  const text = new TextEncoder();
  const font = await asset('inter', 'woff2', 'font/woff2', decodeBase64(interLatin));
  const style = await asset('page', 'css', 'text/css; charset=utf-8', text.encode(pageStyle(font.path)));
  const print = await asset('print', 'css', 'text/css; charset=utf-8', text.encode(printStyle(font.path)));
  const files = new Map([font, style, print].map((file) => [file.path, file]));
  return {
    styleUrl: style.path,
    printStyleUrl: print.path,
    respond(path) {
      const file = files.get(path);
      if (file === undefined) return null;
      return new Response(file.bytes, {
        headers: {
          'content-type': file.type,
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
        },
      });
    },
  };
}

async function asset(name: string, extension: string, type: string, bytes: Uint8Array<ArrayBuffer>): Promise<Asset> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return { path: `/assets/pages/${name}-${toHex(digest.subarray(0, 8))}.${extension}`, type, bytes };
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
