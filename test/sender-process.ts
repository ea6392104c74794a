// A sender in a process of its own, for tests that kill it. Settings come as JSON in the first argument:
// { appUrl, aheadSeconds, secret }. Says "ready" and runs until it is killed.
import { openDatabase } from '../src/engine/database.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { createOutbox } from '../src/engine/webhooks/outbox.ts';
import { makePool } from '../src/server/pool.ts';
import { createWebhookPoster } from '../src/server/post-webhook.ts';
import { startSender } from '../src/server/sender.ts';

interface Settings {
  appUrl: string;
  aheadSeconds: number;
  secret: string;
}

const { appUrl, aheadSeconds, secret } = JSON.parse(process.argv[2] ?? '{}') as Settings;
const pool = makePool({ connectionString: appUrl, max: 4, applicationName: 'verve test sender' });
const clock = () => new Date(Date.now() + aheadSeconds * 1000);
const outbox = createOutbox({
  database: openDatabase({ pool, clock }),
  keyRing: createKeyRing(secret),
  publicUrl: 'https://verve.example.no',
});
startSender({
  outbox,
  poster: createWebhookPoster({ allowLoopback: true, timeoutMs: 2000 }),
  pollMs: 20,
  concurrency: 16,
  onFault: (error) => console.error(error),
});
console.log('ready');
