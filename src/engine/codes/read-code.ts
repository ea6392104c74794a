import { codeLength } from './generate-code.ts';

const lookalikes: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };
const wholeCode = /^[0-9A-HJKMNP-TV-Z]+$/;

/** Spaces of every kind, invisible joiners, hyphens, dashes and minus signs: what people and phones put between. */
const separators = /[\s\p{Pd}\u00AD\u200B-\u200D\u2060\u2212\uFEFF]/gu;

/** Text longer than this was never meant as a code. */
const longestInput = 64;

/**
 * Reads a code as people type it: any case, spaces and hyphens dropped, O read as 0, I and L as 1
 * (specification §2.1). Safe on any text.
 *
 * @returns the ten characters as stored, or null = this cannot be a code.
 */
export function readCode(typed: string): string | null {
  const code = foldTypedCode(typed);
  return code.length === codeLength && wholeCode.test(code) ? code : null;
}

/** The text as {@link readCode} understands it, whether or not it makes a code. Empty for text too long to be one. */
export function foldTypedCode(typed: string): string {
  if (typed.length > longestInput) return '';
  return typed
    .normalize('NFKC')
    .replace(separators, '')
    .toUpperCase()
    .replace(/[OIL]/g, (letter) => lookalikes[letter] ?? letter);
}

/** Whether the text is a code exactly as stored. */
export function isCode(code: string): boolean {
  return code.length === codeLength && wholeCode.test(code);
}

/** A code as it is shown to people: `3PKCM-78AQS`. */
export function displayCode(code: string): string {
  return `${code.slice(0, codeLength / 2)}-${code.slice(codeLength / 2)}`;
}
