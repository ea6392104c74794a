/** What a spreadsheet would run as a formula, also full-width or behind blanks, as in the server's exports (OWASP ASVS 1.2.10). */
const FORMULA = /^[\t\r\n\0]|^[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function cell(value: string | number): string {
  const text = typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value);
  return `"${text.replaceAll('"', '""')}"`;
}

/** A file that Nordic spreadsheets open as they are: semicolons, UTF-8 with its mark; text is never run as a formula. */
export function csvFile(rows: readonly (readonly (string | number)[])[]): Blob {
  const text = rows.map((row) => `${row.map(cell).join(';')}\r\n`).join('');
  return new Blob(['\ufeff', text], { type: 'text/csv' });
}
