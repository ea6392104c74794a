import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { StreamedEvent } from '../../../src/client/index.ts';
import { follow } from './stream.ts';

type IsAbout = (event: StreamedEvent) => boolean;

interface Listener {
  isAbout: IsAbout;
  refresh: () => Promise<void>;
}

/** Events come in flocks: what belongs together is asked for once. */
const gatherMs = 1_000;
/** Nothing is asked for more often than this, however much happens. */
const betweenMs = 10_000;
/** A hand that was on the page so lately is still there: figures wait for it. */
const handMs = 2_000;
/** While the stream is broken, figures are asked for like this. */
const pollMs = 30_000;

const listeners = new Set<Listener>();
const due = new Set<Listener>();
let isPlanned = false;
let refreshedAt = 0;
let handAt = 0;

/** Whether figures follow by themselves, and of when they are. */
interface LiveState {
  isBroken: boolean;
  freshAt: number;
}
let state: LiveState = { isBroken: false, freshAt: Date.now() };
const watchers = new Set<() => void>();
function setState(isBroken: boolean, freshAt = state.freshAt): void {
  const isSame = isBroken === state.isBroken && (!isBroken || freshAt === state.freshAt);
  state = isSame ? state : { isBroken, freshAt };
  if (!isSame) for (const watcher of watchers) watcher();
}

function noteHand(): void {
  handAt = Date.now();
}

let isStarted = false;
function begin(): void {
  if (isStarted) return;
  isStarted = true;
  for (const kind of ['pointerdown', 'pointerup', 'keydown', 'wheel', 'touchmove']) {
    addEventListener(kind, noteHand, { capture: true, passive: true });
  }
  let aliveAt = Date.now();
  follow({
    onEvent: (event) => plan((listener) => listener.isAbout(event)),
    onGap: () => plan(() => true),
    onState(isOpen) {
      if (isOpen) aliveAt = Date.now();
      setState(!isOpen, aliveAt);
    },
  });
  setInterval(() => {
    if (state.isBroken && !document.hidden) plan(() => true);
  }, pollMs);
}

function plan(isMeant: (listener: Listener) => boolean): void {
  for (const listener of listeners) if (isMeant(listener)) due.add(listener);
  if (due.size === 0 || isPlanned) return;
  isPlanned = true;
  setTimeout(run, Math.max(gatherMs, refreshedAt + betweenMs - Date.now()));
}

/** Refreshes what is due; later, while a hand or a dialog holds the page. */
async function run(): Promise<void> {
  const isHeld = Date.now() - handAt < handMs || document.querySelector('dialog[open]') !== null;
  if (isHeld) {
    setTimeout(run, handMs / 4);
    return;
  }
  isPlanned = false;
  refreshedAt = Date.now();
  const now = [...due].filter((listener) => listeners.has(listener));
  due.clear();
  const outcomes = await Promise.allSettled(now.map((listener) => listener.refresh()));
  const isFresh = outcomes.length > 0 && outcomes.every(({ status }) => status === 'fulfilled');
  if (isFresh && state.isBroken) setState(true, Date.now());
}

/**
 * Refreshes when something happened that this is about: quietly, at most every ten seconds, never while a hand is on the page
 * or a dialog is open.
 */
export function useLive(isAbout: IsAbout, refresh: () => Promise<void>): void {
  const latest = useRef({ isAbout, refresh });
  useEffect(() => {
    latest.current = { isAbout, refresh };
  });
  useEffect(() => {
    begin();
    const listener: Listener = {
      isAbout: (event) => latest.current.isAbout(event),
      refresh: () => latest.current.refresh(),
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      due.delete(listener);
    };
  }, []);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );
}

/** Whether an event is of one of these nouns: `recruitment.credited` is of `recruitment`. */
export function isOf(...nouns: string[]): IsAbout {
  return ({ type }) => nouns.some((noun) => type.startsWith(`${noun}.`));
}
