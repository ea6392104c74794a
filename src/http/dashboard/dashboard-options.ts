import type { Verve } from '../../engine/verve.ts';
import type { RateLimiter } from '../requests/rate-limit.ts';

/** The built script and style of the dashboard, wherever they come from. */
export interface DashboardFiles {
  /** Address of the script that the shell begins with; the others it loads by itself. */
  scriptUrl: string;
  /** Scripts that the first one asks for at once: told to the browser with the page. */
  preloadUrls: readonly string[];
  styleUrl: string;
  /** The answer for a path under `/assets/dashboard/`; null = there is no such file. */
  respond(path: string, headers: Headers): Promise<Response | null>;
  /** The script that opens a mentor's own page without network; null = it was not built. */
  respondWorker(headers: Headers): Promise<Response | null>;
}

/** A letter with a sign-in link. */
export interface SignInLetter {
  to: string;
  subject: string;
  text: string;
}

/** What the dashboard is built on. */
export interface DashboardOptions {
  verve: Verve;
  limiter: RateLimiter;
  /** The sender's address, for budgets; '' = not known. */
  clientAddress: (request: Request) => string;
  /** Where the server is reached from outside, without a slash at the end. */
  publicUrl: string;
  logger: Record<'warn' | 'error', (fields: Record<string, unknown>, message: string) => void>;
  /** null = the dashboard has not been built here; signing in still says so. */
  files: DashboardFiles | null;
  /** Sends a letter. null = no mail is set up: links are made by `verve sign-in-link`. */
  sendLetter: ((letter: SignInLetter) => Promise<void>) | null;
  /** Told of work that goes on after its answer; never rejects. */
  addWork: (work: Promise<void>) => void;
}
