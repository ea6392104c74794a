/** Why a JSON text was refused. The text itself is never part of an error: bodies hold member ids. */
export type StrictJsonCode =
  | 'too_large'
  | 'invalid_utf8'
  | 'invalid_json'
  | 'too_deep'
  | 'duplicate_key'
  | 'lone_surrogate'
  | 'forbidden_key';

const MESSAGES: Record<StrictJsonCode, string> = {
  too_large: 'The body is larger than allowed.',
  invalid_utf8: 'The body is not valid UTF-8.',
  invalid_json: 'The body is not valid JSON.',
  too_deep: 'The body is nested deeper than allowed.',
  duplicate_key: 'An object in the body names the same key twice.',
  lone_surrogate: 'A string in the body holds half a surrogate pair.',
  forbidden_key: 'The body holds the key "__proto__".',
};

/** Thrown by `parseStrictJson`. `code` is stable; `position` is a character index, null where none applies. */
export class StrictJsonError extends Error {
  readonly code: StrictJsonCode;
  readonly position: number | null;

  constructor(code: StrictJsonCode, position: number | null = null) {
    super(MESSAGES[code]);
    this.name = 'StrictJsonError';
    this.code = code;
    this.position = position;
  }
}

export interface StrictJsonOptions {
  /** Bytes accepted (characters, where the input is a string). (Default: 262144.) */
  maxBytes?: number;
  /** Levels of nesting accepted; a scalar has depth 0. (Default: 32.) */
  maxDepth?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Parses JSON that comes from outside, and refuses what two parsers could read differently:
 * a key named twice in one object (RFC 8259 §4 leaves its meaning open), bytes that are not UTF-8, half surrogate pairs.
 * A byte order mark is skipped. Throws `StrictJsonError`; safe to repeat.
 *
 * The grammar is left to `JSON.parse`; the pass after it looks only at keys, escapes and depth, so both stay fast.
 */
export function parseStrictJson(input: Uint8Array | string, options: StrictJsonOptions = {}): unknown {
  const { maxBytes = 262_144, maxDepth = 32 } = options;
  if (input.length > maxBytes) throw new StrictJsonError('too_large');
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  if (typeof input === 'string' && !input.isWellFormed()) throw new StrictJsonError('lone_surrogate');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StrictJsonError('invalid_json'); // the parser's own message quotes the text
  }
  inspect(text, maxDepth);
  return value;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new StrictJsonError('invalid_utf8');
  }
}

/** Walks a text already known to be grammatical JSON. */
function inspect(text: string, maxDepth: number): void {
  // One entry per open container: the keys seen so far in an object, null in an array.
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = inspectString(text, at, open.at(-1) ?? null);
    } else if (unit === 0x7b || unit === 0x5b) {
      if (open.length >= maxDepth) throw new StrictJsonError('too_deep', at);
      open.push(unit === 0x7b ? new Set() : null);
    } else if (unit === 0x7d || unit === 0x5d) {
      open.pop();
    }
  }
}

/** Checks the string that starts at `start` and answers the index of its closing quote. */
function inspectString(text: string, start: number, keys: Set<string> | null): number {
  let end = start + 1;
  let isEscaped = false;
  for (let unit = text.charCodeAt(end); unit !== QUOTE; unit = text.charCodeAt(end)) {
    if (unit === BACKSLASH) {
      isEscaped = true;
      end += 2;
    } else end += 1;
  }
  const isKey = keys !== null && isFollowedByColon(text, end + 1);
  if (!isKey && !isEscaped) return end;
  const content: string = isEscaped ? JSON.parse(text.slice(start, end + 1)) : text.slice(start + 1, end);
  if (isEscaped && !content.isWellFormed()) throw new StrictJsonError('lone_surrogate', start);
  if (isKey) {
    if (content === '__proto__') throw new StrictJsonError('forbidden_key', start);
    if (keys.has(content)) throw new StrictJsonError('duplicate_key', start);
    keys.add(content);
  }
  return end;
}

function isFollowedByColon(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === COLON;
}
