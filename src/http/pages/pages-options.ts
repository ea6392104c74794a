import type { JoinService } from '../../engine/join/service.ts';
import type { OrganisationsService } from '../../engine/organisations/service.ts';
import type { RateLimiter } from '../requests/rate-limit.ts';

/** A hit on a join page, as the click recorder wants to know it. */
export interface PageHit {
  orgId: string;
  code: string;
  /** `open` = the page was opened; `join` = the button on it was pressed. */
  act: 'open' | 'join';
  /** The channel that the link named, as its letter or `qr`; null = none. */
  channel: string | null;
  /** Random value of this opening. */
  sessionToken: string;
  locale: string;
  request: Request;
}

/** What the public pages are built on. */
export interface PublicPagesOptions {
  verve: { organisations: OrganisationsService; join: JoinService };
  limiter: RateLimiter;
  /** The sender's address, for budgets; '' = not known. */
  clientAddress: (request: Request) => string;
  /** Where the server is reached from outside, without a slash at the end. */
  publicUrl: string;
  logger: Record<'warn' | 'error', (fields: Record<string, unknown>, message: string) => void>;
  /** Records an opening or a press. It never fails the page. (Default: nothing is recorded) */
  recordHit?: (hit: PageHit) => Promise<void>;
  /** Whether the organisation's own join page answers. (Default: taken for granted) */
  isTargetUp?: (url: string) => Promise<boolean>;
}
