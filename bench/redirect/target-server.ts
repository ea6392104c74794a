// The server under load, in a process of its own: `bare`, `standalone` or `web`. Prints its port; stops with its parent.
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createClicks } from '../../src/engine/clicks/service.ts';
import { openDatabase } from '../../src/engine/database.ts';
import { createKeyRing } from '../../src/engine/secrets/key-ring.ts';
import { answerShortLink } from '../../src/http/redirect.ts';
import { openClickConnection } from '../../src/server/click-connection.ts';
import { createFastRedirect } from '../../src/server/fast-redirect.ts';
import { nodeKeyedHash } from '../../src/server/keyed-hash.ts';
import { makePool } from '../../src/server/pool.ts';

const [kind = 'bare', connectionString = ''] = process.argv.slice(2);

async function openClicks() {
  const { createFloodLimit } = await import('../../src/engine/clicks/flood-limit.ts');
  return createClicks({
    database: openDatabase({ pool: makePool({ connectionString }) }),
    keyRing: createKeyRing('a secret of the benchmark, 32 characters'),
    keyedHash: nodeKeyedHash,
    store: openClickConnection({ connectionString }),
    // All load comes from one address, so the limit is out of reach; it is counted all the same.
    floodLimit: createFloodLimit({ perAddress: 1e9, perAddressAndCode: 1e9 }),
    onNotStored: (hits, reason) => process.stderr.write(`${hits} not stored: ${String(reason)}\n`),
  });
}

async function makeListener() {
  if (kind === 'standalone') {
    const redirect = createFastRedirect({
      clicks: await openClicks(),
      addressOf: (request) => request.socket.remoteAddress ?? '',
    });
    return createServer((request, response) => {
      if (!redirect(request, response)) response.writeHead(404).end();
    });
  }
  if (kind === 'web') {
    const clicks = await openClicks();
    const app = new Hono();
    app.all('*', (context) => answerShortLink(context.req.raw, { clicks, address: '127.0.0.1' }) ?? context.notFound());
    return createServer(getRequestListener(app.fetch));
  }
  return createServer((_request, response) => {
    response.writeHead(302, { Location: 'https://medlem.example.no/bli?ref=3PKCM78AQS' });
    response.end();
  });
}

const server = await makeListener();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
