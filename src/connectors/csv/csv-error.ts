/** Why a whole file was refused. */
export type CsvFault =
  | 'empty_file'
  | 'is_a_workbook'
  | 'mixed_encoding'
  | 'duplicate_columns'
  | 'unknown_columns'
  | 'missing_columns'
  | 'broken_quotes'
  | 'row_too_long';

/**
 * Thrown where a file cannot be read. `message` says what to do and repeats nothing of the file; `columns` names the
 * columns meant, `line` the place.
 */
export class CsvError extends Error {
  readonly fault: CsvFault;
  readonly columns: readonly string[];
  readonly line: number | null;

  constructor(fault: CsvFault, message: string, details: { columns?: readonly string[]; line?: number } = {}) {
    super(message);
    this.name = 'CsvError';
    this.fault = fault;
    this.columns = details.columns ?? [];
    this.line = details.line ?? null;
  }
}
