import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { fromRoot } from './generated-files.ts';

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** An empty project of somebody else's, with our packed tarball installed. Removed after the test file. */
export interface FreshProject {
  readonly folder: string;
  /** The tarball itself. */
  readonly tarball: string;
  /** The files of the tarball. */
  readonly packed: readonly string[];
  write(name: string, text: string): Promise<void>;
  /** Installs the tarball in another folder, which gets a package.json where it has none. */
  installInto(folder: string): Promise<void>;
  /** Runs our own Node with a file or options. */
  node(args: readonly string[], environment?: Record<string, string>): Promise<Ran>;
}

/** Installs our packed tarball in an empty folder. Takes about 15 seconds. */
export async function makeFreshProject(): Promise<FreshProject> {
  const folder = await mkdtemp(join(tmpdir(), 'verve-project-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const { filename, files } = await pack(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }));
  const tarball = join(folder, filename);
  const installInto = async (where: string) => {
    const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball];
    const installing = await run('npm', args, where);
    if (installing.code !== 0) throw new Error(installing.errors);
  };
  await installInto(folder);
  return {
    folder,
    tarball,
    installInto,
    packed: files.map((file) => file.path),
    write: (name, text) => writeFile(join(folder, name), text),
    node: (args, environment) => run(process.execPath, args, folder, environment),
  };
}

/** Builds and packs beside the clone, whose own dist/ somebody may be using. */
async function pack(folder: string): Promise<{ filename: string; files: { path: string }[] }> {
  const stage = join(folder, '..', `${folder.split('/').at(-1)}-stage`);
  afterAll(() => rm(stage, { recursive: true, force: true }));
  const { files } = JSON.parse(await readFile(fromRoot('package.json'), 'utf8')) as { files: string[] };
  const parts = ['package.json', 'README.md', 'LICENSE', ...files.filter((name) => name !== 'dist')];
  for (const part of parts) await cp(fromRoot(part), join(stage, part), { recursive: true });
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist')];
  const built = await run(process.execPath, tsc, fromRoot('.'));
  if (built.code !== 0) throw new Error(built.output);
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], stage);
  const [entry] = Object.values(
    JSON.parse(packed.output) as Record<string, { filename: string; files: { path: string }[] }>,
  );
  if (entry === undefined) throw new Error(packed.errors);
  return entry;
}

/** Runs a program to its end, with our Node first in the path. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Record<string, string> = {},
): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`;
  const child = spawn(command, [...args], { cwd, env: { ...process.env, PATH: path, ...environment } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  child.once('error', reject);
  child.once('close', (code) => resolve({ code, output, errors }));
  return promise;
}
