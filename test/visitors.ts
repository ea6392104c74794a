import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { phone } from './clicks-harness.ts';

/** What the visitors of a load were told, by the notice of the answer; `stored` = none. */
export interface Told {
  stored: number;
  late: number;
  'not-stored': number;
  /** Anything but a redirect to the code's page. */
  wrong: string[];
}

/** Visitors with an address each, one after another on so many lines, until told to stop. */
export function startVisitors(origin: string, code: string, lines: number, pauseMs = 0) {
  const told: Told = { stored: 0, late: 0, 'not-stored': 0, wrong: [] };
  let isOver = false;
  let visitor = 0;
  const visit = (): Promise<void> => {
    visitor += 1;
    const address = `10.${(visitor >> 16) & 255}.${(visitor >> 8) & 255}.${visitor & 255}`;
    const headers = { 'user-agent': phone, 'x-forwarded-for': address };
    const { promise, resolve } = Promise.withResolvers<void>();
    const sent = httpRequest(`${origin}/r/${code}`, { headers, agent: false }, (answer) => {
      answer.resume();
      const notice = (answer.headers['verve-click'] ?? 'stored') as keyof Omit<Told, 'wrong'>;
      if (answer.statusCode !== 302 || !answer.headers.location?.startsWith(`/join/${code}`)) {
        told.wrong.push(`${answer.statusCode} ${answer.headers.location}`);
      } else told[notice] += 1;
      answer.once('end', resolve);
    });
    sent.once('error', (error) => {
      told.wrong.push(error.message);
      resolve();
    });
    sent.end();
    return promise;
  };
  const running = Promise.all(
    Array.from({ length: lines }, async () => {
      while (!isOver) {
        await visit();
        if (pauseMs > 0) await sleep(pauseMs);
      }
    }),
  );
  return {
    told,
    async until(isEnough: (told: Told) => boolean): Promise<void> {
      for (let tries = 0; !isEnough(told) && tries < 3_000; tries += 1) await sleep(10);
    },
    async stop(): Promise<void> {
      isOver = true;
      await running;
    },
  };
}
