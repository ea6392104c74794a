import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file under src as the architecture rules see it. */
export interface SourceFile {
  /** From src, with slashes: `engine/codes/repository.ts`. */
  readonly path: string;
  readonly text: string;
  /** Files of ours that it imports, as paths from src. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules that it imports. */
  readonly packages: readonly string[];
}

const src = fileURLToPath(new URL('../src/', import.meta.url));
const IMPORT = /^(?:import|export)\b[^'";]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

/** Reads every TypeScript file under src. */
export function readSourceFiles(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => parseSourceFile(path, readFileSync(join(src, path), 'utf8')));
}

/** Finds what a file imports. Exported so that the rules themselves can be tested. */
export function parseSourceFile(path: string, text: string): SourceFile {
  const targets = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return {
    path,
    text,
    imports: targets
      .filter((target) => target.startsWith('.'))
      .map((target) => normalize(join(dirname(path), target)).replaceAll('\\', '/')),
    packages: targets.filter((target) => !target.startsWith('.')),
  };
}
