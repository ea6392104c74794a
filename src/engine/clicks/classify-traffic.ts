import { isbot } from 'isbot';
import { browserAgents, crawlerAgents, personAgents, previewAgents, withoutModel } from './known-agents.ts';

/**
 * Who opened a link. `human` is a click; `preview` draws a picture of the link in a message; `prefetch` is a browser
 * that loads ahead of a person; `crawler` is any other machine; `other` is no opening of a page: a HEAD, a request
 * without an agent, an image or frame.
 */
export const trafficClasses = ['human', 'preview', 'prefetch', 'crawler', 'other'] as const;
export type TrafficClass = (typeof trafficClasses)[number];

/** What of a request tells its class. Header values as they came; undefined where absent. */
export interface TrafficSigns {
  method: string;
  userAgent: string | undefined;
  /** Sec-Purpose */
  secPurpose?: string | undefined;
  /** Purpose */
  purpose?: string | undefined;
  /** X-Purpose */
  xPurpose?: string | undefined;
  /** X-Moz */
  xMoz?: string | undefined;
  /** Sec-Fetch-Dest */
  secFetchDest?: string | undefined;
}

const agentsRemembered = 4_000;
const longestAgent = 1_000;
const remembered = new Map<string, TrafficClass>();

/** The class of an agent string alone. Pure; the last few thousand answers are remembered, for speed. */
export function classifyAgent(userAgent: string): TrafficClass {
  const known = remembered.get(userAgent);
  if (known !== undefined) return known;
  const answer = judgeAgent(userAgent.trim().slice(0, longestAgent));
  if (userAgent.length <= longestAgent) {
    if (remembered.size >= agentsRemembered) remembered.clear();
    remembered.set(userAgent, answer);
  }
  return answer;
}

function judgeAgent(userAgent: string): TrafficClass {
  if (userAgent === '') return 'other';
  if (previewAgents.test(userAgent)) return 'preview';
  if (crawlerAgents.test(userAgent)) return 'crawler';
  if (personAgents.test(userAgent)) return 'human';
  return browserAgents.test(userAgent) && !isbot(withoutModel(userAgent)) ? 'human' : 'crawler';
}

const isAhead = (value: string | undefined, word: RegExp): boolean => value !== undefined && word.test(value);

/**
 * The class of a hit from its request (spec §5). A HEAD is never a click: some networks send them with a browser's
 * agent. A mail scanner with a browser's agent cannot be told apart; the press on "join" is the stronger figure.
 */
export function classifyTraffic(signs: TrafficSigns): TrafficClass {
  const agent = classifyAgent(signs.userAgent ?? '');
  if (agent === 'preview' || agent === 'crawler') return agent;
  if (signs.method !== 'GET') return 'other';
  if (
    isAhead(signs.secPurpose, /^\s*(?:prefetch|prerender|preview)/i) ||
    isAhead(signs.purpose, /prefetch|preview|prerender/i) ||
    isAhead(signs.xPurpose, /prefetch|preview|prerender/i) ||
    isAhead(signs.xMoz, /prefetch/i)
  ) {
    return 'prefetch';
  }
  if (signs.secFetchDest !== undefined && signs.secFetchDest !== 'document') return 'other';
  return agent;
}
