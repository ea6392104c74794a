import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './fresh-project.ts';
import { fromRoot } from './generated-files.ts';

/** One block of a page that its reader acts upon, in order. */
type Step =
  | { kind: 'file'; name: string; text: string }
  | { kind: 'run'; script: string; serves: boolean }
  | { kind: 'expect'; text: string };

/** A reader: an empty folder, and the values that the page leaves to be filled in. */
export interface Reader {
  readonly folder: string;
  /** Our tarball, in the place of the published package. */
  readonly tarball: string;
  readonly environment: Record<string, string>;
  /** Versions of what the page installs. (Default: those of our own package.json) */
  readonly versions?: Record<string, string>;
  /** What a reader does in another program than a terminal. Gives the output where it took the command on. */
  readonly instead?: (command: string) => Promise<string | null>;
}

/** What a block printed, beside what the page says. */
export interface Compared {
  readonly printed: string;
  readonly expected: string;
}

/**
 * Follows a page of docs/ as its reader does: writes its files, runs its commands in order, keeps its servers running until the
 * next one, and compares what is printed with what the page says. Lines with `…` or `<…>` are the reader's to fill in: their
 * values come from the environment.
 * @param sections only what stands under these headings. (Default: all)
 * @throws {Error} with the output of the command that failed.
 */
export async function followPage(page: string, reader: Reader, sections?: readonly string[]): Promise<Compared[]> {
  const text = await readFile(fromRoot(`docs/${page}`), 'utf8');
  const compared: Compared[] = [];
  let printed = '';
  let server: Served | null = null;
  try {
    for (const step of readSteps(choose(text, sections))) {
      if (step.kind === 'file') {
        await mkdir(dirname(join(reader.folder, step.name)), { recursive: true });
        await writeFile(join(reader.folder, step.name), step.text);
      } else if (step.kind === 'expect') {
        compared.push({ printed, expected: step.text });
      } else {
        const lines = await fillIn(step.script, reader);
        const last = step.serves ? lines.pop() : undefined;
        printed = '';
        for (const line of lines) printed += await runLine(line, reader);
        if (last !== undefined) {
          await server?.stop();
          server = await serve(last, reader);
        }
      }
    }
  } finally {
    await server?.stop();
  }
  return compared;
}

function choose(text: string, sections: readonly string[] | undefined): string {
  if (sections === undefined) return text;
  const parts = text.split(/^(?=## )/m);
  return parts.filter((part) => sections.some((name) => part.startsWith(`## ${name}\n`))).join('\n');
}

function readSteps(text: string): Step[] {
  const blocks = text.matchAll(/(?:<!-- (?:file: (\S+)|(serves)) -->\n\n)?^```(\w+)\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, name, serves, language, content = '']): Step[] => {
    if (name !== undefined) return [{ kind: 'file', name, text: content }];
    if (language === 'sh') return [{ kind: 'run', script: content, serves: serves !== undefined }];
    return language === 'text' ? [{ kind: 'expect', text: content }] : [];
  });
}

/** The commands of a block, one each, as the reader types them. */
async function fillIn(script: string, reader: Reader): Promise<string[]> {
  const { devDependencies, dependencies } = JSON.parse(await readFile(fromRoot('package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
    dependencies: Record<string, string>;
  };
  const versions: Record<string, string> = { ...dependencies, ...devDependencies, ...reader.versions };
  const commands = script.replaceAll('\\\n', ' ').split(/\n(?!\s)/);
  return commands
    .map((line) => line.replace(/\s+#.*$/gm, '').trim())
    .filter((line) => line !== '' && !/^export\b|…|<\w+>/.test(line))
    .map((line) => line.replace(/^npx verve-referrals\b/, `npx --yes --package ${reader.tarball} verve`))
    .map((line) =>
      /^(npm install|deno add) /.test(line)
        ? line
            .replace(/^deno add npm:/, 'npm install ') // Deno adds no tarballs
            .replaceAll(/(?<= )[@\w][\w./-]*(?= |$)/g, (name) => {
              if (name === 'verve-referrals') return reader.tarball;
              return versions[name] === undefined ? name : `${name}@${versions[name]}`;
            })
        : line,
    );
}

async function runLine(line: string, reader: Reader): Promise<string> {
  const taken = await reader.instead?.(line);
  if (taken !== undefined && taken !== null) return taken;
  const ran = await run('sh', ['-c', line], reader.folder, environmentOf(reader));
  if (ran.code !== 0) throw new Error(`${line}\n${ran.output}\n${ran.errors}`);
  return ran.output;
}

interface Served {
  stop(): Promise<void>;
}

/** Starts what the page says and waits until it answers on PORT; 503 is a server that still waits for its database. */
async function serve(line: string, reader: Reader): Promise<Served> {
  const env = { ...process.env, ...environmentOf(reader) };
  const child = spawn('sh', ['-c', line], { cwd: reader.folder, env, detached: true }); // a group that ends together
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const closed = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await closed;
  };
  for (let tries = 0; tries < 600 && isRunning(child); tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${reader.environment.PORT}/`).catch(() => null);
    await answer?.body?.cancel();
    if (answer !== null && answer.status !== 503) return { stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${line}\n${log}`);
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function environmentOf(reader: Reader): Record<string, string> {
  return {
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    NEXT_TELEMETRY_DISABLED: '1',
    DENO_NO_UPDATE_CHECK: '1',
    ...reader.environment,
    PATH: [dirname(process.execPath), reader.environment.PATH, process.env.PATH].filter(Boolean).join(':'),
  };
}
