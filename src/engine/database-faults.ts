import { VerveError } from './errors.ts';

interface DriverError {
  code: string;
  constraint?: string;
  message: string;
}

function isDriverError(error: unknown): error is DriverError {
  return (
    error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && !(error instanceof VerveError)
  );
}

/** The name of the constraint that a statement ran into, or null when the error is something else. */
function violatedConstraint(error: unknown): string | null {
  return isDriverError(error) && error.code.startsWith('23') ? (error.constraint ?? null) : null;
}

/** Waits for a write; one that runs into this unique constraint is refused with `already_exists`. */
export function refuseTaken<Result>(constraint: string, detail: string, write: Promise<Result>): Promise<Result> {
  return refuseWith(new VerveError('already_exists', detail), constraint, write);
}

/** Waits for a write; one whose foreign key of that name points at nothing is refused with `not_found`. */
export function refuseMissing<Result>(constraint: string, detail: string, write: Promise<Result>): Promise<Result> {
  return refuseWith(new VerveError('not_found', detail), constraint, write);
}

async function refuseWith<Result>(refusal: VerveError, constraint: string, write: Promise<Result>): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    throw violatedConstraint(error) === constraint ? refusal : error;
  }
}

/** A fault of the moment: the same work may succeed when its transaction is run again from the start. */
export class PassingFault extends VerveError {
  constructor(detail: string) {
    super('internal_error', detail);
  }
}

/** Deadlock and serialization failure: PostgreSQL has taken the work back. */
function isPassing(error: unknown): boolean {
  return isDriverError(error) && (error.code === '40P01' || error.code === '40001');
}

/** Whether the same work may now succeed, here or, where it was enlisted, in the transaction around it. */
export function isWorthRetrying(error: unknown): boolean {
  return error instanceof PassingFault || isPassing(error);
}

const lostConnection = /^(08|57P0|53300|ECONN|EPIPE|ETIMEDOUT|ENOENT|EAI_AGAIN|ENOTFOUND)/;
const lostConnectionMessage =
  /connection (terminated|timeout)|timeout (expired|exceeded when trying to connect)|client has encountered a connection error|not queryable/i;

/** Undefined table or schema: nobody has migrated. */
const lacksOurTables = new Set(['42P01', '3F000']);

/**
 * What leaves the engine in place of a driver's error: `database_unavailable` when the connection failed, otherwise
 * `internal_error` with the SQLSTATE and constraint. PostgreSQL's own message can hold values of rows, so it stays here.
 */
export function faultFromDriver(error: unknown): unknown {
  if (error instanceof VerveError) return error;
  if (error instanceof Error && lostConnectionMessage.test(error.message)) return unavailable();
  if (!isDriverError(error)) return error;
  if (lostConnection.test(error.code)) return unavailable();
  const constraint = error.constraint === undefined ? '' : `, constraint ${error.constraint}`;
  const isDatabaseCode = /^[0-9A-Z]{5}$/.test(error.code);
  if (!isDatabaseCode) return error;
  const advice = lacksOurTables.has(error.code) ? ' Run "verve migrate" on this database.' : '';
  const detail = `The database refused a statement (${error.code}${constraint}).${advice}`;
  return isPassing(error) ? new PassingFault(detail) : new VerveError('internal_error', detail);
}

function unavailable(): VerveError {
  return new VerveError('database_unavailable', undefined, { retryAfterSeconds: 2 });
}
