import { readFileSync } from 'node:fs';
import { fromRoot } from './generated-files.ts';

function readList<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(fromRoot(`test/public-lists/${name}.json`), 'utf8')) as Shape;
}

/** One file of JSONTestSuite: `n_…` is no JSON, `y_…` is, `i_…` is left to the parser. */
export interface JsonCase {
  name: string;
  bytes: Buffer<ArrayBuffer>;
}

/** The whole of JSONTestSuite. */
export function jsonCases(): JsonCase[] {
  const list = readList<Record<string, string | { repeat: string; times: number }>>('json-test-suite');
  return Object.entries(list).map(([name, content]) => ({
    name,
    bytes:
      typeof content === 'string'
        ? Buffer.from(content, 'base64')
        : Buffer.from(content.repeat.repeat(content.times), 'utf8'),
  }));
}

/** The Big List of Naughty Strings. */
export function naughtyStrings(): string[] {
  return readList<string[]>('naughty-strings');
}
