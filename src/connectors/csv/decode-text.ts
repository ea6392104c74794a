import { CsvError } from './csv-error.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'windows-1252';

/**
 * Decodes a file piece by piece. A byte order mark decides; without one it is UTF-8 until bytes come that cannot be:
 * if all before them was ASCII the file is Windows-1252, which is then exact for the whole of it, else it is refused.
 * `onEncoding` is told what was found, at the end at the latest. Throws `CsvError`.
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  onEncoding: (encoding: Encoding) => void = () => {},
): AsyncGenerator<string, void> {
  let decoder: TextDecoder | null = null;
  // Bytes taken in but not yet given out as text, as long as all text so far was ASCII; null = it was not.
  let held: Uint8Array | null = new Uint8Array();
  const startOver = (bytes: Uint8Array): string => {
    decoder = new TextDecoder('windows-1252'); // knows every byte, so this happens once
    held = null;
    onEncoding('windows-1252');
    return decoder.decode(bytes, { stream: true });
  };
  for await (const chunk of withWholeStart(source)) {
    if (decoder === null) {
      refuseWorkbook(chunk);
      const mark = byteOrderMark(chunk);
      decoder = new TextDecoder(mark ?? 'utf-8', { fatal: true });
      if (mark !== null) held = null;
    }
    const taken: Uint8Array | null = held === null ? null : join(held, chunk);
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
      if (taken !== null) held = isAscii(text) ? taken.slice(text.length) : null;
    } catch {
      if (taken === null || beginsAsUtf8(taken)) throw mixedEncoding();
      text = startOver(taken);
    }
    yield text;
  }
  if (decoder === null) return;
  const last: string = (() => {
    try {
      return decoder.decode();
    } catch {
      if (held === null) throw mixedEncoding();
      return startOver(held);
    }
  })();
  if (last !== '') yield last;
  if (decoder.encoding !== 'windows-1252') onEncoding(decoder.encoding === 'utf-8' ? 'utf-8' : 'utf-16le');
}

/** Joins the first pieces until they hold a whole byte order mark. */
async function* withWholeStart(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let start: Uint8Array | null = new Uint8Array();
  for await (const chunk of source) {
    if (start === null) yield chunk;
    else {
      start = join(start, chunk);
      if (start.length < 4) continue;
      yield start;
      start = null;
    }
  }
  if (start !== null && start.length > 0) yield start;
}

/** Whether the first bytes beyond ASCII are a whole character of UTF-8: then the file was not Windows-1252. */
function beginsAsUtf8(bytes: Uint8Array): boolean {
  const first = bytes.findIndex((byte) => byte > 0x7f);
  const lead = bytes[first] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(first, first + length)) !== '';
  } catch {
    return false;
  }
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

function byteOrderMark(chunk: Uint8Array): Encoding | null {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 'utf-8' : null;
}

function refuseWorkbook(chunk: Uint8Array): void {
  if (chunk[0] === 0x50 && chunk[1] === 0x4b && (chunk[2] ?? 0) < 0x09) {
    throw new CsvError('is_a_workbook', 'This is an Excel workbook. Save it as "CSV UTF-8" and choose that file.');
  }
}

function mixedEncoding(): CsvError {
  return new CsvError(
    'mixed_encoding',
    'The file mixes UTF-8 with another encoding. Save it again as "CSV UTF-8" and choose that file.',
  );
}
