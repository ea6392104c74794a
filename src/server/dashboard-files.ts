import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { DashboardFiles } from '../http/dashboard/dashboard-options.ts';

const compress = { br: promisify(brotliCompress), gzip: promisify(gzip) };
const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
  svg: 'image/svg+xml',
};

interface BuiltFile {
  type: string;
  bytes: Buffer;
  compressed: Partial<Record<'br' | 'gzip', Promise<Buffer>>>;
}

/** What Vite says about a file that it built. */
interface ManifestEntry {
  file: string;
  css?: string[];
  imports?: string[];
}

/** Where `npm run build:dashboard` puts the files: beside this one's grandparent, in a clone and in the package. */
const builtFolder = new URL('../../dashboard/dist/', import.meta.url);

const workerFile = 'service-worker.js';

/** Reads the built dashboard into memory; null = it has not been built. */
export async function readDashboardFiles(folder: URL = builtFolder): Promise<DashboardFiles | null> {
  const manifest = await readManifest(folder);
  const entry = manifest?.['src/main.tsx'];
  if (manifest === null || entry === undefined) return null;
  const files = new Map<string, BuiltFile>();
  for (const name of await readdir(folder)) {
    const type = types[name.split('.').at(-1) ?? ''];
    if (type === undefined) continue;
    const bytes = await readFile(new URL(name, folder));
    files.set(`/assets/dashboard/${name}`, { type, bytes, compressed: {} });
  }
  const urlOf = (file: string): string => `/assets/dashboard/${file}`;
  return {
    scriptUrl: urlOf(entry.file),
    preloadUrls: (entry.imports ?? []).flatMap((name) => {
      const imported = manifest[name];
      return imported === undefined ? [] : [urlOf(imported.file)];
    }),
    styleUrl: urlOf(entry.css?.[0] ?? ''),
    async respond(path, headers) {
      const file = path === urlOf(workerFile) ? undefined : files.get(path);
      return file === undefined ? null : answerFile(file, headers.get('accept-encoding') ?? '', 'immutable');
    },
    async respondWorker(headers) {
      const file = files.get(urlOf(workerFile));
      return file === undefined ? null : answerFile(file, headers.get('accept-encoding') ?? '', 'asked anew');
    },
  };
}

async function readManifest(folder: URL): Promise<Record<string, ManifestEntry> | null> {
  try {
    return JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8')) as Record<string, ManifestEntry>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The names of built files change with their content, so that browsers may keep them for good: all but the worker's. */
async function answerFile(file: BuiltFile, accepted: string, kept: 'immutable' | 'asked anew'): Promise<Response> {
  const headers = new Headers({
    'content-type': file.type,
    'cache-control': kept === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'Accept-Encoding',
  });
  const encoding =
    file.type === types.woff2 ? null : /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null;
  if (encoding === null) return new Response(Uint8Array.from(file.bytes), { headers });
  file.compressed[encoding] ??= compress[encoding](file.bytes);
  headers.set('content-encoding', encoding);
  return new Response(Uint8Array.from(await file.compressed[encoding]), { headers });
}
