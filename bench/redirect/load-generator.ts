// Sends GETs over raw sockets from a process of its own, as cheaply as it can, and times every answer.
//   closed loop: each connection sends the next request when the answer is there
//   open loop:   requests start on a fixed schedule, whatever the answers do; latency counts from the scheduled moment
// One line of JSON on stdin starts it, one line on stdout is the result.
import { connect, type Socket } from 'node:net';

export interface LoadOrder {
  port: number;
  connections: number;
  seconds: number;
  warmupSeconds: number;
  perSecond: number | null; // null = closed loop
  paths: string[];
  /** Each request carries a token of its own. */
  hasTokens: boolean;
  /** Requests name one of so many addresses in X-Forwarded-For. (Default: none) */
  addresses?: number;
}

export interface LoadResult {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
  answers: number;
  total: number;
  notRedirects: number;
  notStored: number;
  /** Open loop: how late the generator itself was in sending, which the latencies hold as well. */
  sentLateP99Ms: number;
  sentLateP999Ms: number;
  /** Open loop: the slowest answers of every second. */
  worstSeconds: { second: number; maxMs: number }[];
  /** Open loop: the p99 of every second, in order; what holds the machine up now and then spoils some of them, what is slow all. */
  p99OfSeconds: number[];
}

const headers = [
  'Host: verv.example.no',
  'Connection: keep-alive',
  'User-Agent: Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Sec-Fetch-Site: none',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Language: nb-NO,nb;q=0.9,en;q=0.8',
].join('\r\n');

/** Latencies in steps of 10 µs up to 2 s. */
function createHistogram() {
  const buckets = new Uint32Array(200_001);
  let count = 0;
  let max = 0;
  return {
    add(ms: number): void {
      const bucket = Math.min(200_000, Math.max(0, Math.round(ms * 100)));
      buckets[bucket] = (buckets[bucket] as number) + 1;
      count += 1;
      if (ms > max) max = ms;
    },
    get count() {
      return count;
    },
    get max() {
      return max;
    },
    at(share: number): number {
      let left = Math.ceil(count * share);
      for (let index = 0; index < buckets.length; index += 1) {
        left -= buckets[index] as number;
        if (left <= 0) return index / 100;
      }
      return max;
    },
  };
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const requests = order.paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`, 'latin1'));
  const addresses = Array.from(
    { length: order.addresses ?? 0 },
    (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
  );
  const tail = ` HTTP/1.1\r\n${headers}\r\n\r\n`;
  const histogram = createHistogram();
  const lateness = createHistogram();
  const bySecond = order.perSecond === null ? [] : Array.from({ length: order.seconds }, (): number[] => []);
  const begin = performance.now();
  const from = begin + order.warmupSeconds * 1_000;
  const until = from + order.seconds * 1_000;
  let total = 0;
  let notRedirects = 0;
  let notStored = 0;
  let counter = 0;
  let tokenCounter = Math.floor(Math.random() * 1e9);

  function nextRequest(): Buffer | string {
    counter += 1;
    const index = (counter * 7_919) % requests.length;
    if (addresses.length > 0) {
      const address = addresses[counter % addresses.length];
      return `GET ${order.paths[index]} HTTP/1.1\r\nX-Forwarded-For: ${address}\r\n${headers}\r\n\r\n`;
    }
    if (!order.hasTokens) return requests[index] as Buffer;
    tokenCounter += 1;
    return `GET ${order.paths[index]}?t=token-${process.pid}-${tokenCounter}-abcdef${tail}`;
  }

  const sockets: Socket[] = await Promise.all(
    Array.from({ length: order.connections }, async () => {
      const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
      });
      return socket;
    }),
  );

  // Only an answer of another length than those that were fine can say that its click is not stored.
  let fineLength = 0;
  function judge(chunk: Buffer): void {
    total += 1;
    if (chunk[9] !== 0x33 || chunk[10] !== 0x30) notRedirects += 1;
    if (chunk.length === fineLength) return;
    if (chunk.includes('Verve-Click')) notStored += 1;
    else fineLength = chunk.length;
  }

  if (order.perSecond === null) {
    for (const socket of sockets) {
      let sent = performance.now();
      const send = (): void => {
        sent = performance.now();
        socket.write(nextRequest(), 'latin1');
      };
      socket.on('data', (chunk) => {
        const now = performance.now();
        judge(chunk);
        if (now >= from && now < until) histogram.add(now - sent);
        if (now < until) send();
      });
      send();
    }
    await new Promise((resolve) => setTimeout(resolve, until - performance.now() + 200));
  } else {
    const idle = [...sockets];
    const late: number[] = [];
    const start = (socket: Socket, dueMs: number): void => {
      const isMeasured = dueMs >= from && dueMs < until;
      if (isMeasured) lateness.add(performance.now() - dueMs);
      socket.write(nextRequest(), 'latin1');
      socket.once('data', (chunk) => {
        const now = performance.now();
        judge(chunk);
        if (isMeasured) {
          histogram.add(now - dueMs);
          bySecond[Math.floor((dueMs - from) / 1_000)]?.push(now - dueMs);
        }
        const waitingSince = late.shift();
        if (waitingSince === undefined) idle.push(socket);
        else start(socket, waitingSince);
        sendDue(now);
      });
    };
    const gapMs = 1_000 / order.perSecond;
    let dueMs = performance.now();
    // Asked by the clock and by every answer: timers alone are up to a millisecond late, and send what was due in it at once.
    function sendDue(now: number): void {
      for (; dueMs <= now && dueMs < until; dueMs += gapMs) {
        const socket = idle.shift(); // in turn, so that none rests until the server closes it
        if (socket === undefined) late.push(dueMs);
        else start(socket, dueMs);
      }
    }
    await new Promise<void>((resolve) => {
      const tick = (): void => {
        const now = performance.now();
        sendDue(now);
        if (now >= until) resolve();
        else setTimeout(tick, 1);
      };
      tick();
    });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  for (const socket of sockets) socket.destroy();
  const seconds = bySecond.map((latencies) => latencies.sort((a, b) => a - b));
  return {
    perSecond: histogram.count / order.seconds,
    p50Ms: histogram.at(0.5),
    p99Ms: histogram.at(0.99),
    p999Ms: histogram.at(0.999),
    maxMs: histogram.max,
    answers: histogram.count,
    total,
    notRedirects,
    notStored,
    sentLateP99Ms: lateness.at(0.99),
    sentLateP999Ms: lateness.at(0.999),
    p99OfSeconds: seconds.map((latencies) => latencies[Math.ceil(latencies.length * 0.99) - 1] ?? 0),
    worstSeconds: seconds
      .map((latencies, second) => ({ second, maxMs: latencies.at(-1) ?? 0 }))
      .sort((a, b) => b.maxMs - a.maxMs)
      .slice(0, 10),
  };
}

process.stdin.once('data', async (line) => {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line.toString()) as LoadOrder))}\n`);
  process.exit(0);
});
