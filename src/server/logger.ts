import { type DestinationStream, pino } from 'pino';
import type { Config } from './config.ts';

/** The part of a logger that Verve uses. Fields hold neither codes, member ids, addresses nor bodies. */
export interface Logger {
  readonly debug: (fields: Record<string, unknown>, message: string) => void;
  readonly info: (fields: Record<string, unknown>, message: string) => void;
  readonly warn: (fields: Record<string, unknown>, message: string) => void;
  readonly error: (fields: Record<string, unknown>, message: string) => void;
}

/** One JSON object a line on standard error (or `stream`), so that standard output stays for what a command prints. */
export function makeLogger(level: Config['logLevel'], stream?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, stream ?? pino.destination({ dest: 2, sync: true }));
}
