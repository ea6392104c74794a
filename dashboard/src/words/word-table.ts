import type { nb as adminNb } from './admin/nb.ts';
import type { nb } from './nb.ts';

/** What everybody's pages say; bokmål has every sentence. */
export type WordTable = Readonly<Record<keyof typeof nb, string>>;
/** What only administrators' pages say besides. */
export type AdminWordTable = Readonly<Record<keyof typeof adminNb, string>>;
export type WordKey = keyof WordTable | keyof AdminWordTable;
