import { boot, home } from '../../boot.ts';

const scope = `${home}/me`;

/** Has the browser keep the mentor's own page with what it is made of, so that it opens without network too. Safe to repeat. */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  // What is opened from the page belongs to it, also where nobody has opened it yet.
  await import('./qr.tsx');
  const worker = await activeWorker(await navigator.serviceWorker.register('/app/service-worker.js', { scope }));
  const { logoUrl } = boot.organisation;
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
  const files = loaded.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/'));
  const own =
    logoUrl === null ? [] : [new URL(logoUrl, location.href)].filter(({ origin }) => origin === location.origin);
  worker?.postMessage([...new Set([...files, ...own].map(({ pathname, search }) => pathname + search))]);
}

/** The worker of a registration once it works; null = it gave up. */
async function activeWorker({ active, installing, waiting }: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  const coming = installing ?? waiting;
  if (coming === null) return active;
  return new Promise((resolve) => {
    const look = (): void => {
      if (coming.state === 'activated') resolve(coming);
      else if (coming.state === 'redundant') resolve(null);
    };
    coming.addEventListener('statechange', look);
    look();
  });
}

/** Takes the page and the code out of this browser, as signing out does too where the browser obeys the server. */
export function forgetOffline(): void {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(`verve/${boot.organisation.slug}/`)) localStorage.removeItem(name);
  }
  if (!('caches' in window)) return;
  void caches
    .keys()
    .then((names) =>
      Promise.all(names.filter((name) => name.startsWith(`own-page ${scope} `)).map((name) => caches.delete(name))),
    );
}
