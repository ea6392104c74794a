import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeProjectMigrations, type ProjectMigration } from './make-migrations.ts';
import { templateUrl } from './templates.ts';

/** What `initProject` did, with paths below the project. */
export interface InitResult {
  readonly written: readonly string[];
  /** Was there already, and as we would write it. */
  readonly kept: readonly string[];
  /** Was there already and is the project's own now: left as it is. */
  readonly left: readonly string[];
  /** Whether the project's configuration exposes our views to its clients. */
  readonly exposesViews: boolean;
}

interface Plan {
  readonly writes: Map<string, string>;
  readonly kept: string[];
  readonly left: string[];
}

/** What the project may make its own: it is written once and left as it is afterwards. */
const PROJECT_FILES = ['functions/verve/index.ts', 'functions/verve/deno.json', 'tests/verve.test.sql'];
const CONFIG = 'supabase/config.toml';

/**
 * Writes migrations, edge function, tests and configuration into a Supabase project. Overwrites nothing: safe to repeat,
 * and after an upgrade only the new migrations are added, and the function takes the new version where its file is still
 * ours. Nothing is written when a migration of ours was changed.
 * @throws {Error} naming the changed migrations and saying what to do.
 */
export async function initProject(options: { directory: string; version: string; now?: Date }): Promise<InitResult> {
  const { directory, version, now = new Date() } = options;
  const plan: Plan = { writes: new Map(), kept: [], left: [] };
  await planMigrations(directory, now, plan);
  await planFiles(directory, version, plan);
  const config = await planConfig(directory, plan);
  for (const [path, text] of plan.writes) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  const exposesViews = /^\s*schemas\s*=\s*\[[^\]]*"verve_api"/m.test(config);
  return { written: [...plan.writes.keys()], kept: plan.kept, left: plan.left, exposesViews };
}

async function planMigrations(directory: string, now: Date, plan: Plan): Promise<void> {
  const folder = 'supabase/migrations';
  const names = (await readdir(join(directory, folder)).catch(() => [])).filter((name) => /^\d{14}_/.test(name)).sort();
  const changed: string[] = [];
  const missing: ProjectMigration[] = [];
  for (const migration of await makeProjectMigrations()) {
    const name = names.find((one) => one.slice(15) === `${migration.topic}.sql`);
    if (name === undefined) missing.push(migration);
    else if ((await read(join(directory, folder, name))) === migration.text) plan.kept.push(`${folder}/${name}`);
    else changed.push(name);
  }
  if (changed.length > 0) {
    throw new Error(
      `These migrations of Verve were changed, or written by a version that was never released:\n${changed.map((name) => `  ${folder}/${name}\n`).join('')}` +
        'Applied migrations are never changed. Put them back as they were, or remove them if no database has them yet.',
    );
  }
  // After every migration of the project's own: the platform refuses to apply one before its last.
  const last = names.at(-1)?.slice(0, 14) ?? '';
  let moment = now.getTime();
  if (last >= stamp(moment)) moment = parseStamp(last) + 1000;
  for (const [index, { topic, text }] of missing.entries()) {
    plan.writes.set(`${folder}/${stamp(moment + index * 1000)}_${topic}.sql`, text);
  }
}

async function planFiles(directory: string, version: string, plan: Plan): Promise<void> {
  for (const file of PROJECT_FILES) {
    const template = await readFile(templateUrl(file), 'utf8');
    const text = template.replaceAll('{{version}}', version);
    const path = `supabase/${file}`;
    const present = await read(join(directory, path));
    if (present === text) plan.kept.push(path);
    else if (present === null || isOurs(present, template)) plan.writes.set(path, text);
    else plan.left.push(path);
  }
}

/** Whether a file is as another version of ours wrote it: but for the version, nobody has changed it. */
function isOurs(present: string, template: string): boolean {
  const [before, after] = template.split('{{version}}');
  if (before === undefined || after === undefined) return false;
  const version = present.slice(before.length, present.length - after.length);
  return present === before + version + after && /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version);
}

/** Gives the configuration as it will be: our table is added at its end, in the file's own line ends. */
async function planConfig(directory: string, plan: Plan): Promise<string> {
  const ours = await readFile(templateUrl('function.toml'), 'utf8');
  const present = await readFile(join(directory, CONFIG), 'utf8').catch(() => null);
  if (present !== null && /^\s*\[functions\.verve\]/m.test(present)) {
    plan.kept.push(CONFIG);
    return present;
  }
  const base = present ?? (await readFile(templateUrl('config.toml'), 'utf8'));
  const end = base.includes('\r\n') ? '\r\n' : '\n';
  const text = `${base.trimEnd()}${end}${ours.replaceAll('\n', end)}`;
  plan.writes.set(CONFIG, text);
  return text;
}

async function read(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.replaceAll('\r\n', '\n'),
    () => null,
  );
}

function stamp(moment: number): string {
  return new Date(moment).toISOString().replaceAll(/\D/g, '').slice(0, 14);
}

function parseStamp(text: string): number {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(..)(..)(..)(..)(..)$/.exec(text) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
