import { api } from '../../../api.ts';
import { saveFile } from '../../../parts/save-file.ts';
import { path } from '../use-organisation-form.ts';

/** What an export that came to its end is proved by. */
export interface Receipt {
  receipt: string;
  rows: number;
}

/**
 * Reads every row of the organisation, tells how far it is, and hands the file over. The whole file is held until then.
 * null = it was cut off: the last line, the receipt, is missing.
 */
export async function exportEverything(name: string, onRows: (rows: number) => void): Promise<Receipt | null> {
  const answer = await api.exportOrganisation({ path });
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = answer.body?.getReader();
  let rows = 0;
  for (;;) {
    const piece = await reader?.read();
    if (piece === undefined || piece.done) break;
    const bytes = new Uint8Array(piece.value);
    parts.push(bytes);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) rows += 1;
    onRows(rows);
  }
  const file = new Blob(parts, { type: 'application/x-ndjson' });
  const end = await file.slice(-500).text();
  const receipt = readReceipt(end.trimEnd().split('\n').at(-1) ?? '');
  if (receipt !== null) saveFile(name, file);
  return receipt;
}

function readReceipt(line: string): Receipt | null {
  try {
    const read = JSON.parse(line) as Partial<Receipt>;
    return typeof read.receipt === 'string' && typeof read.rows === 'number'
      ? { receipt: read.receipt, rows: read.rows }
      : null;
  } catch {
    return null; // half a line
  }
}
