// `npm run bench:dashboard`: the row "dashboard" of docs/performance.md. A real server with 2,000 mentors and a month of
// history, a real Chromium with an empty cache in each round: what the screens load, when they show something, and how long
// the page of 2,000 mentors takes from a hand's act to the next paint.
//   --rounds 5 --mentors 2000 --days 30
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import chromiumBinary from '@sparticuz/chromium';
import { type Browser, chromium, type Page } from 'playwright-core';
import { nodeFlags } from './redirect/programs.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    mentors: { type: 'string', default: '2000' },
    days: { type: 'string', default: '30' },
  },
});

const binary = fileURLToPath(new URL('../bin/verve.js', import.meta.url));
const slug = 'lydhor';

/** Runs a command; its answer as JSON. */
async function verve(env: NodeJS.ProcessEnv, ...command: string[]): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeFlags, binary, ...command, '--json'], { env });
  return JSON.parse(stdout) as Record<string, string>;
}

async function serve(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [...nodeFlags, binary, 'serve', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes('"ready"')) continue;
    const { url } = JSON.parse(line) as { url: string };
    return {
      url,
      async stop() {
        child.kill('SIGTERM');
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  }
  throw new Error('The server ended before it was ready.');
}

type Cookies = Parameters<Awaited<ReturnType<Browser['newContext']>>['addCookies']>[0];

/** Signs in with a link, as a person does. */
async function enter(browser: Browser, url: string, link: string): Promise<Cookies> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}${new URL(link).pathname}`);
  await page.click('button[type=submit]');
  await page.waitForSelector('h1');
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

/** Notes when an element is painted, and how long each act took until the next paint. */
const watch = `
  window.shownAt = null;
  window.acts = [];
  const look = () => {
    if (document.querySelector(window.wanted ?? 'nothing') === null) return;
    watcher.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.shownAt ??= performance.now(); }));
  };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => { for (const { name, duration } of list.getEntries()) window.acts.push({ name, duration }); })
    .observe({ type: 'event', durationThreshold: 16, buffered: true });
`;

interface Visit {
  page: Page;
  /** Compressed sizes of the scripts that were loaded so far. */
  scripts: () => Promise<number>;
  close: () => Promise<void>;
}

/** A browser with an empty cache. */
async function begin(browser: Browser, url: string, cookies: Cookies): Promise<Visit> {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 }, bypassCSP: true });
  await context.addCookies(cookies);
  await context.addInitScript(watch);
  const page = await context.newPage();
  const sizes = new Map<string, Promise<number>>();
  page.on('response', (response) => {
    if (response.headers()['content-type']?.startsWith('text/javascript') !== true) return;
    sizes.set(
      response.url(),
      response.body().then((body) => gzipSync(body).length),
    );
  });
  return {
    page,
    scripts: async () => (await Promise.all(sizes.values())).reduce((sum, size) => sum + size, 0),
    close: () => context.close(),
  };
}

/** Milliseconds from the navigation until what the screen is for is painted. */
async function paint({ page }: Visit, path: string, selector: string): Promise<number> {
  await page.addInitScript(`window.wanted = ${JSON.stringify(selector)}`);
  await page.goto(`/app/${slug}${path}`);
  await page.waitForFunction('window.shownAt !== null');
  return page.evaluate('window.shownAt') as Promise<number>;
}

/** What a hand does on the page of all mentors; each act is waited for. */
async function handle({ page }: Visit): Promise<number[]> {
  const until = (condition: string) => page.waitForFunction(condition);
  const rows = 'document.querySelectorAll("tbody tr").length';
  await page.evaluate('window.acts.length = 0');
  await page.locator('#mentor-search').pressSequentially('sand', { delay: 150 });
  await until('location.search.includes("q=sand")');
  await page.fill('#mentor-search', '');
  await until(`!location.search.includes("q=") && ${rows} === 50`);
  for (const heading of await page.locator('thead button').all()) {
    await heading.click();
    await page.waitForTimeout(250);
  }
  await page.getByRole('button', { name: 'Neste', exact: true }).click();
  await until('location.search.includes("page=2")');
  await page.selectOption('#mentor-activity', 'shared');
  await until('location.search.includes("activity=shared")');
  await page.waitForTimeout(300);
  return page.evaluate('window.acts.map(({ duration }) => duration)') as Promise<number[]>;
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;

const dataDir = await mkdtemp(join(tmpdir(), 'verve-bench-dashboard-'));
await chmod(dataDir, 0o711);
const env = { PATH: process.env.PATH, PORT: '0', VERVE_DATA_DIR: dataDir, VERVE_LOG_LEVEL: 'warn' };
const browser = await chromium.launch({
  executablePath: await chromiumBinary.executablePath(),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  await verve(env, 'demo', '--organisation', slug, '--mentors', values.mentors, '--days', values.days);
  const server = await serve(env);
  try {
    const link = async (...who: string[]) => {
      const { url = '' } = await verve(env, 'sign-in-link', '--organisation', slug, ...who);
      return enter(browser, server.url, url);
    };
    const admin = await link();
    const asked = await begin(browser, server.url, admin);
    await asked.page.goto(`/app/${slug}/settings`);
    const mentorId = (await asked.page.evaluate(
      `fetch('/api/v1/reports/mentors').then((answer) => answer.json()).then(({ data }) => data[0].mentor_id)`,
    )) as string;
    await asked.close();
    const mentor = await link('--mentor', mentorId);

    const paints: Record<string, number[]> = { mentor: [], overview: [], mentors: [] };
    const acts: number[] = [];
    const longest: number[] = [];
    let [firstOfMentor, firstOfAdmin, all] = [0, 0, 0];
    for (let round = 1; round <= Number(values.rounds); round += 1) {
      const mine = await begin(browser, server.url, mentor);
      paints.mentor?.push(await paint(mine, '/me', '.code'));
      firstOfMentor = await mine.scripts();
      await mine.close();
      const first = await begin(browser, server.url, admin);
      paints.overview?.push(await paint(first, '/overview', '.fun'));
      firstOfAdmin = await first.scripts();
      await first.close();
      const large = await begin(browser, server.url, admin);
      paints.mentors?.push(await paint(large, '/mentors', 'tbody tr'));
      const took = await handle(large);
      acts.push(...took);
      longest.push(Math.max(0, ...took));
      await large.page.goto(`/app/${slug}/admin/people`);
      await large.page.waitForSelector('h1');
      all = await large.scripts();
      await large.close();
      const last = Object.entries(paints).map(([name, list]) => `${name} ${list.at(-1)?.toFixed(0)} ms`);
      console.log(`round ${round}  ${last.join('  ')}  longest act ${longest.at(-1)} ms`);
    }
    const paintLine = (name: string) => `${median(paints[name] ?? []).toFixed(0)} ms`.padEnd(10);
    console.log(
      `\nscript, a mentor's first route        ${kilobytes(firstOfMentor).padEnd(10)} (reach: 120 kB)\n` +
        `        a coordinator's first route   ${kilobytes(firstOfAdmin).padEnd(10)} (reach: 120 kB)\n` +
        `        with administration           ${kilobytes(all).padEnd(10)} (reach: 250 kB)\n` +
        `useful paint, a mentor's code         ${paintLine('mentor')} (reach: 1,000 ms)\n` +
        `              the overview            ${paintLine('overview')} (reach: 1,000 ms)\n` +
        `              ${values.mentors} mentors            ${paintLine('mentors')} (reach: 1,000 ms)\n` +
        `an act among ${values.mentors} mentors, median   ${`${median(acts)} ms`.padEnd(10)}\n` +
        `                          longest    ${`${median(longest)} ms`.padEnd(10)} (reach: 200 ms; median of ${longest.length} rounds)`,
    );
  } finally {
    await server.stop();
  }
} finally {
  await browser.close();
  await rm(dataDir, { recursive: true, force: true });
}
