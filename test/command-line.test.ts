import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { fromRoot } from './generated-files.ts';
import { makeTestDatabase, testDatabase } from './harness.ts';
import { runVerve, startProgram } from './programs.ts';

const VERVE_SECRET = 'an-invented-secret-of-forty-characters-x';

/** A Node of this machine that is too old for Verve. null = there is none. */
function findOldNode(): string | null {
  for (const node of ['/usr/bin/node', '/usr/local/bin/node']) {
    try {
      const version = execFileSync(node, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      if (Number(version.slice(1).split('.')[0]) < 22) return node;
    } catch {
      // Not there.
    }
  }
  return null;
}

const oldNode = findOldNode();

describe('verve', () => {
  test('teaches: help names every command, the exit codes and a first step', async () => {
    const { code, output } = await runVerve(['--help']);
    expect(code).toBe(0);
    for (const part of ['serve', 'migrate', 'doctor', 'Exit codes', 'Start here']) expect(output).toContain(part);
  });

  test('gives an example for every command', async () => {
    const helpOf = async (command: string) => (await runVerve([...command.split(' '), '--help'])).output;
    const partsOf = (help: string) =>
      [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z-]+)(?: |$)/gm)].map((match) => match[1] as string);
    const commands = partsOf((await runVerve(['--help'])).output).filter((command) => command !== 'help');
    expect(commands.length).toBeGreaterThanOrEqual(18);
    const told: Record<string, { hasExample: boolean; hasJson: boolean }> = {};
    const tell = async (command: string): Promise<void> => {
      const output = await helpOf(command);
      if (!output.includes('Commands:')) {
        told[command] = {
          hasExample: /^ {2}\$ /m.test(output) && output.split(`verve ${command}`).length > 2,
          hasJson: output.includes('--json'),
        };
        return;
      }
      for (const part of partsOf(output)) if (part !== 'help') await tell(`${command} ${part}`);
    };
    const waiting = [...commands];
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tell(next);
    };
    await Promise.all([work(), work(), work()]);
    expect(Object.entries(told).filter(([, { hasExample, hasJson }]) => !hasExample || !hasJson)).toEqual([]);
  });

  test('has every command in its help, and in docs/command-line.md', async () => {
    const files = (await readdir(fromRoot('src/cli'))).map((name) => name.replace('.ts', ''));
    const { output } = await runVerve(['--help']);
    const commands = [...output.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map((match) => match[1] as string);
    const documented = await readFile(fromRoot('docs/command-line.md'), 'utf8');
    const named = [...documented.matchAll(/^\| `verve ([a-z]+)/gm)].map((match) => match[1] as string);
    expect([...new Set(named)].sort()).toEqual(commands.filter((command) => files.includes(command)).sort());
  });

  test('answers an unknown command with exit code 2 and the way to help', async () => {
    const { code, errors } = await runVerve(['serv']);
    expect(code).toBe(2);
    expect(errors).toMatch(/unknown command 'serv'[\s\S]*Did you mean serve\?[\s\S]*--help/);
  });

  test('tells configuration errors with exit code 2, as JSON where asked', async () => {
    const { code, errors } = await runVerve(['doctor', '--json'], { PORT: 'x' });
    expect(code).toBe(2);
    expect(JSON.parse(errors)).toEqual({
      error: { code: 'configuration', message: expect.stringContaining('PORT must be a whole number') },
    });
  });

  test('tells what a command line lacks without blaming the configuration', async () => {
    const { code, errors } = await runVerve(['privacy', 'erase', '--member', '10293', '--json']);
    expect({ code, ...JSON.parse(errors) }).toEqual({
      code: 2,
      error: { code: 'usage', message: 'This cannot be undone. If it is meant, add: --yes' },
    });
  });

  test.skipIf(oldNode === null)('says plainly which Node it needs when started with an old one', async () => {
    const program = startProgram([fromRoot('bin/verve.js'), 'serve'], {}, oldNode ?? '');
    expect(await program.ended).toBe(2);
    expect(program.errors()).toMatch(/^Verve needs Node\.js 22\.18 or newer, better 24\. This is v\d+/);
  });
});

describe('verve migrate', () => {
  test('brings an empty database to the newest version, and says so again', async () => {
    const { adminUrl, appUrl } = await makeTestDatabase({ template: null });
    const environment = { DATABASE_URL: appUrl, VERVE_ADMIN_DATABASE_URL: adminUrl, VERVE_SECRET };
    const first = await runVerve(['migrate'], environment);
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('applied 0001_foundation.sql') });
    const second = await runVerve(['migrate', '--json'], environment);
    expect(JSON.parse(second.output)).toMatchObject({ applied: [] });
  });

  test('asks for the owner where it has only the server’s role', async () => {
    const { appUrl } = await testDatabase();
    const { code, errors } = await runVerve(['migrate'], { DATABASE_URL: appUrl, VERVE_SECRET });
    expect({ code, errors }).toEqual({
      code: 2,
      errors: expect.stringContaining('VERVE_ADMIN_DATABASE_URL is required'),
    });
  });
});

describe('verve doctor', () => {
  test('tells drift line by line and an unguarded table, with exit code 4', async () => {
    const { appUrl, adminPool } = await makeTestDatabase({ template: 'verve_template' });
    await adminPool.query(
      `create table verve.stray (id int); alter table verve.mentors drop constraint mentors_status_is_known`,
    );
    const { code, output } = await runVerve(['doctor'], { DATABASE_URL: appUrl, VERVE_SECRET });
    expect(code).toBe(4);
    expect(output).toContain('only here: create table verve.stray (');
    expect(output).toContain('missing here: constraint mentors_status_is_known');
    expect(output).toContain('verve.stray has no forced row-level security');
  });

  test('warns of a superuser, of the owner and of missing migrations', async () => {
    const { superuserUrl, adminUrl } = await testDatabase();
    const empty = await makeTestDatabase({ template: null });
    const examine = (url: string) => runVerve(['doctor', '--json'], { DATABASE_URL: url, VERVE_SECRET });
    const [superuser, owner, behind] = await Promise.all([
      examine(superuserUrl),
      examine(adminUrl),
      examine(empty.appUrl),
    ]);
    expect(superuser.output).toContain('is a superuser');
    expect(owner.output).toContain("owns Verve's tables");
    expect(behind.output).toContain('0001_foundation.sql is not applied.');
    expect([superuser.code, owner.code, behind.code]).toEqual([4, 4, 4]);
  });

  test('a command says so when the database takes connections and says nothing', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const DATABASE_URL = `postgres://verve_app:x@127.0.0.1:${port}/verve`;
    const { code, errors } = await runVerve(['key', 'list'], { DATABASE_URL, VERVE_SECRET });
    silent.close();
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringContaining('takes connections and says nothing'),
    });
  });

  test('says what to do when the database does not answer', async () => {
    const { code, output } = await runVerve(['doctor'], {
      DATABASE_URL: 'postgres://verve_app:x@127.0.0.1:1/verve',
      VERVE_SECRET,
    });
    expect(code).toBe(4);
    expect(output).toContain('The database does not answer');
  });
});
