// Keeps a mentor's own page for when there is no network: the shell, which holds who one is, and the files it is made of. The
// code itself stands in the browser's storage (pages/me/own-code.ts). No answer of the API is ever kept here.

/** What a service worker's own scope has of what is used here; the page's types know it not. */
interface WorkerScope {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listen: (event: Extendable) => void): void;
  addEventListener(type: 'message', listen: (event: Extendable & { data: unknown }) => void): void;
  addEventListener(type: 'fetch', listen: (event: Extendable & Fetched) => void): void;
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const worker = self as unknown as WorkerScope;
/** The mentor's page, `/app/{organisation}/me`: each organisation has a worker of its own. */
const page = new URL(worker.registration.scope).pathname;
const prefix = `own-page ${page} `;
/** A kept page is made anew after this, so that it follows the organisation's colours and words. */
const dayMs = 86_400_000;
/** The shell differs by cookie, which no script sees: there is one person here. */
const anyCookie = { ignoreVary: true };
/** A network that says nothing for this long counts as none. */
const patienceMs = 5_000;

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener('message', (event) => {
  const { data } = event;
  if (Array.isArray(data) && data.every((file) => typeof file === 'string')) event.waitUntil(keep(data));
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate' && (pathname === page || pathname.startsWith(`${page}/`)))
    event.respondWith(openPage(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(openFile(request));
});

/** The newest copy that is whole: the page itself is put in last. */
async function openCopy(): Promise<{ cache: Cache; madeAt: number } | null> {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix)).sort();
  for (const name of names.reverse()) {
    const cache = await caches.open(name);
    if ((await cache.match(page, anyCookie)) !== undefined) return { cache, madeAt: Number(name.slice(prefix.length)) };
  }
  return null;
}

async function kept(asked: Request | string): Promise<Response | undefined> {
  return (await openCopy())?.cache.match(asked, anyCookie);
}

/** Keeps page and files together. Where anything is missing, the copy before stays as it was. */
async function keep(files: readonly string[]): Promise<void> {
  const before = await openCopy();
  if (before !== null && Date.now() - before.madeAt < dayMs) {
    const held = await Promise.all(files.map((file) => before.cache.match(file, anyCookie)));
    if (held.every((file) => file !== undefined)) return;
  }
  const shell = await fetch(page);
  const answers = await Promise.all(files.map(async (file) => ({ file, answer: await fetch(file) })));
  if (!shell.ok || shell.redirected || answers.some(({ answer }) => !answer.ok)) return;
  const name = `${prefix}${Date.now()}`;
  const cache = await caches.open(name);
  await Promise.all(answers.map(({ file, answer }) => cache.put(file, answer)));
  await cache.put(page, shell);
  await forget(name);
}

/** Forgets every copy but this one. */
async function forget(but?: string): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== but);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** The page from the network; the kept one where there is none. Who is led away has no page here any more. */
async function openPage(request: Request): Promise<Response> {
  const asked = fetch(request);
  const copy = await kept(page);
  if (copy === undefined) return asked;
  const silence = new Promise<null>((resolve) => setTimeout(resolve, patienceMs, null));
  const answer = await Promise.race([asked, silence]).catch(() => null);
  if (answer === null || answer.status >= 500) return copy;
  if (answer.type === 'opaqueredirect' || answer.status === 403 || answer.status === 404) await forget();
  return answer;
}

/** Files have names that change with their content: a kept one is as good as a new one. */
async function openFile(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}
