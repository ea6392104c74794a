import chromiumBinary from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';
import { afterAll } from 'vitest';

/** Chromium asks nobody on the network for anything of its own. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let own: Promise<Browser> | undefined;

/** The browser of this test file: the Chromium that `npm ci` installs. Closed after the file. */
export function openBrowser(): Promise<Browser> {
  own ??= launch();
  return own;
}

async function launch(): Promise<Browser> {
  const executablePath = await chromiumBinary.executablePath();
  const browser = await chromium.launch({ executablePath, args: quiet });
  afterAll(() => browser.close());
  return browser;
}
