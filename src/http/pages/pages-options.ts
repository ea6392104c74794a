import type { ShareChannel } from '../../engine/share/channels.ts';
import type { Verve } from '../../engine/verve.ts';
import type { RateLimiter } from '../requests/rate-limit.ts';

/** A hit on a join page, as the click recorder wants to know it. */
export interface PageHit {
  code: string;
  /** `open` = the page was opened; `join` = the button on it was pressed. */
  act: 'open' | 'join';
  /** The channel that the link named; null = none. */
  channel: ShareChannel | null;
  /** Random value of this opening. */
  sessionToken: string;
  request: Request;
}

/** What the public pages are built on. */
export interface PublicPagesOptions {
  verve: Verve;
  limiter: RateLimiter;
  /** The sender's address, for budgets; '' = not known. */
  clientAddress: (request: Request) => string;
  /** Where the server is reached from outside, without a slash at the end. */
  publicUrl: string;
  logger: Record<'warn' | 'error', (fields: Record<string, unknown>, message: string) => void>;
  /** Records an opening or a press. (Default: as a click of the engine) */
  recordHit?: (hit: PageHit) => Promise<void>;
  /** Whether the organisation's own join page answers. (Default: taken for granted) */
  isTargetUp?: (url: string) => Promise<boolean>;
}
