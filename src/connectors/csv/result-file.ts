import { snakeCase } from '../../engine/snake-case.ts';
import type { ImportReport, RowResult } from './import-memberships.ts';
import { csvLine } from './write-csv.ts';

/** The heading of a result file, with a byte order mark and the delimiter of the file it answers. */
export function resultHeading({ delimiter }: Pick<ImportReport, 'delimiter'>): string {
  return `\ufeff${csvLine(['line', 'external_member_id', 'referral_code', 'result', 'explanation'], delimiter)}`;
}

/** One line of a result file. Safe to open in a spreadsheet. */
export function resultLine(row: RowResult, { delimiter }: Pick<ImportReport, 'delimiter'>): string {
  return csvLine([row.line, row.memberId, row.code, snakeCase(row.result), row.explanation], delimiter);
}
