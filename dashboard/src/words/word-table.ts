import type { nb } from './nb.ts';

/** What can be said; bokmål has every sentence. */
export type WordKey = keyof typeof nb;
export type WordTable = Readonly<Record<WordKey, string>>;
