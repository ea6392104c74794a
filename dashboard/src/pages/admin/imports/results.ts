import type { ImportReport } from '../../../../../src/client/index.ts';
import { csvFile } from '../../../parts/csv-file.ts';
import { say, type WordKey } from '../../../say.ts';

/** What can become of a line, in the order in which it is told. */
const known = [
  'confirmed',
  'registered',
  'awaiting_review',
  'rejected',
  'reversed',
  'already_known',
  'already_registered',
  'already_confirmed',
  'already_rejected',
  'already_reversed',
  'already_removed',
  'recorded_older',
  'conflict',
  'unmatched',
  'code_ended',
  'self_referral',
  'not_eligible',
  'ignored_erased',
  'repeated_in_file',
  'refused',
  'column_count',
  'missing',
  'invalid',
  'unknown_status',
  'unreadable_date',
  'in_the_future',
] as const;
const names: ReadonlySet<string> = new Set(known);

/** What became of a line, in words; a result that has none here stands as it is. */
export function sayResult(result: string): string {
  return names.has(result) ? say(`import.result.${result}` as WordKey) : result;
}

/** Results that are as they should be; every other wants a look. */
const isFine = (result: string): boolean =>
  /^(confirmed|registered|reversed|rejected|awaiting_review|already_\w+|recorded_older)$/.test(result);

/** A line that could not be read, or not be applied. */
const isRefused = (result: string): boolean => known.indexOf(result as 'refused') >= known.indexOf('refused');

export function countLines({ results }: Pick<ImportReport, 'results'>) {
  const entries = Object.entries(results).sort(
    ([one], [other]) => known.indexOf(one as 'missing') - known.indexOf(other as 'missing'),
  );
  const sum = (which: (result: string) => boolean): number =>
    entries.reduce((total, [result, count]) => total + (which(result) ? count : 0), 0);
  return { entries, total: sum(() => true), wanting: sum((result) => !isFine(result)), refused: sum(isRefused) };
}

/** The lines of a report that want a look, as a file for a spreadsheet. */
export function refusalsFile({ lines }: Pick<ImportReport, 'lines'>): Blob {
  const head = [say('import.col.line'), say('import.col.result'), say('import.col.why')];
  const rows = lines.map(({ line, result, explanation }) => [line, sayResult(result), explanation]);
  return csvFile([head, ...rows]);
}
