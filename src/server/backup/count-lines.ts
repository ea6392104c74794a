const NEWLINE = 10;

/** How many lines end in these bytes. A row of COPY is a line: line breaks within values are written as \n. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
