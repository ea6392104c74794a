// Builds the dashboard into dashboard/dist/, which `npm start` serves and the package carries. `npm ci` runs it; `npm start`
// runs it again with --if-stale, which does nothing while no source is newer than what was built.
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const newest = (folder: string): number =>
  Math.max(
    0,
    ...readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs),
  );

function isStale(): boolean {
  try {
    return newest('src') > statSync(`${root}dist/manifest.json`).mtimeMs;
  } catch {
    return true;
  }
}

if (!process.argv.includes('--if-stale') || isStale()) {
  const vite = await import('vite').catch(() => null);
  if (vite === null) {
    process.stderr.write('The dashboard is not built: its tools are not installed (npm ci installs them).\n');
  } else {
    await vite.build({ root, logLevel: 'warn' });
  }
}
