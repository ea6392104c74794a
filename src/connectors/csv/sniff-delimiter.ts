export type Delimiter = ';' | ',' | '\t';

/**
 * The delimiter of a file, from its first record: the candidate that stands there most often outside quotes, a
 * semicolon where none does. `skipLines` counts a leading `sep=;` line, as some spreadsheets write it.
 */
export function sniffDelimiter(start: string): { delimiter: Delimiter; skipLines: number } {
  const named = /^sep=([;,\t])\r?\n/i.exec(start)?.[1];
  if (named === ';' || named === ',' || named === '\t') return { delimiter: named, skipLines: 1 };
  const counts = { ';': 0, ',': 0, '\t': 0 };
  let isQuoted = false;
  for (const character of start.trimStart()) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) break;
    else if (!isQuoted && (character === ';' || character === ',' || character === '\t')) counts[character] += 1;
  }
  const candidates: Delimiter[] = [';', ',', '\t'];
  return { delimiter: candidates.reduce((best, next) => (counts[next] > counts[best] ? next : best)), skipLines: 0 };
}
