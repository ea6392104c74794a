/** A value of an exported cell. Only text can be a formula: numbers and dates are written as they are. */
export type CsvValue = string | number | boolean | Date | null;

/**
 * What a spreadsheet would run as a formula (OWASP ASVS 1.2.10): `= + - @`, also full-width, also behind
 * blanks; and a tab, carriage return or NUL at the start.
 */
const FORMULA = /^[\t\r\n\0]|^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Puts an apostrophe before text that a spreadsheet would run. */
export function neutralise(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** One line of RFC 4180, with its line end. Dates are ISO 8601 UTC; null is empty. */
export function csvLine(values: readonly CsvValue[], delimiter = ','): string {
  return `${values.map((value) => csvCell(value, delimiter)).join(delimiter)}\r\n`;
}

function csvCell(value: CsvValue, delimiter: string): string {
  if (value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const safe = neutralise(value);
  const needsQuotes = safe.includes('"') || safe.includes(delimiter) || /[\r\n\t\0]|^\s|\s$/.test(safe);
  return needsQuotes ? `"${safe.replaceAll('"', '""')}"` : safe;
}
