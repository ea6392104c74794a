import { lookup as systemLookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { mayConnectTo } from '../engine/webhooks/address-guard.ts';
import { numericHost } from '../engine/webhooks/endpoint-url.ts';
import { guardLookup } from './post-webhook.ts';

/** Longest that a person waits for the question whether the organisation's page answers. */
const TIMEOUT_MS = 1_500;
const KEPT_MS = 30_000;
const MOST_KEPT = 1_000;

/**
 * Makes the question whether an organisation's join page answers, asked before a person is handed to it. A HEAD without
 * anything of the visitor, to public addresses only, following no redirect; the answer is kept for 30 seconds. Down is: no
 * connection, no answer in 1.5 s, 5xx, 401, 404 or 410. Everything else, a refusal of HEAD too, is up. Never throws.
 */
export function createJoinTargetProbe(
  options: {
    /** How names are looked up; for tests. (Default: the system's) */
    lookup?: typeof systemLookup;
    /** Lets it reach this machine, also over http; for development and tests. (Default: false) */
    allowLoopback?: boolean;
    /** (Default: the system clock) */
    now?: () => number;
  } = {},
): (url: string) => Promise<boolean> {
  const { allowLoopback = false, now = Date.now } = options;
  const lookup = guardLookup(options.lookup ?? systemLookup, allowLoopback);
  const kept = new Map<string, { answers: Promise<boolean>; until: number }>();

  function ask(url: URL): Promise<boolean> {
    const isSecure = url.protocol === 'https:';
    const host = numericHost(url);
    if (!isSecure && !(allowLoopback && url.protocol === 'http:')) return Promise.resolve(false);
    if (host !== null && !mayConnectTo(host, { allowLoopback })) return Promise.resolve(false);
    return new Promise((resolve) => {
      const request = { method: 'HEAD', lookup, signal: AbortSignal.timeout(TIMEOUT_MS), agent: false };
      const sent = (isSecure ? https : http).request(url, request, (response) => {
        response.resume();
        resolve(isUp(response.statusCode ?? 0));
      });
      sent.on('upgrade', (_response, socket) => socket.destroy()); // nobody asked for another protocol
      sent.on('error', () => resolve(false));
      sent.on('close', () => resolve(false));
      sent.end();
    });
  }

  return (address) => {
    const known = kept.get(address);
    if (known !== undefined && known.until > now()) return known.answers;
    if (kept.size >= MOST_KEPT) kept.clear();
    const answers = URL.canParse(address) ? ask(new URL(address)) : Promise.resolve(false);
    kept.set(address, { answers, until: now() + KEPT_MS });
    return answers;
  };
}

/** 401, 404 and 410 mean that nobody can join there; 501 only that HEAD is not answered. */
function isUp(status: number): boolean {
  if (status === 501) return true;
  return status >= 200 && status < 500 && ![401, 404, 410].includes(status);
}
