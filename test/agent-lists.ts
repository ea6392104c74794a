import { readFileSync } from 'node:fs';
import { classifyAgent } from '../src/engine/clicks/classify-traffic.ts';
import { fromRoot } from './generated-files.ts';

interface Crawler {
  instances: string[];
}

function readList<Item>(path: string): Item[] {
  return JSON.parse(readFileSync(fromRoot(`node_modules/${path}`), 'utf8')) as Item[];
}

/**
 * What the traffic classes make of two public lists: `crawler-user-agents`, samples of crawlers and previews, and
 * `user-agents`, a sample of browsers as they are used. They are not wholly independent of the library: both are known to it.
 */
export function measureAgents() {
  const samples = readList<Crawler>('crawler-user-agents/crawler-user-agents.json').flatMap(
    ({ instances }) => instances,
  );
  const browsers = readList<{ userAgent: string }>('user-agents/dist/user-agents.json').map(
    ({ userAgent }) => userAgent,
  );
  const different = new Set(browsers);
  return {
    crawlers: { total: samples.length, missed: samples.filter((agent) => classifyAgent(agent) === 'human') },
    people: {
      total: browsers.length,
      different: different.size,
      inApp: [...different].filter((agent) => /FBAN|FBAV|Instagram|GSA\/|; wv\)/.test(agent)).length,
      refused: browsers.filter((agent) => classifyAgent(agent) !== 'human'),
    },
  };
}
