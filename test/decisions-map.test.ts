import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromRoot } from './generated-files.ts';

const rows = readFileSync(fromRoot('docs/decisions-map.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| 2.'))
  .map((line) => {
    const [decision, , code, constraint, title] = line.split('|').slice(1, -1) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const named = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
    return {
      decision: decision.trim(),
      files: named(code),
      constraints: named(constraint),
      title: title.trim().slice(1, -1),
    };
  });

const read = (folder: string, ending: string): string =>
  readdirSync(fromRoot(folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(fromRoot(`${folder}/${name}`), 'utf8'))
    .join('\n');

test('every decision of §2 has its row', () => {
  const decisions = new Set(rows.map((row) => row.decision));
  expect([...decisions]).toEqual(Array.from({ length: 19 }, (_, index) => `2.${index + 1}`));
});

test('every file that the decisions map names exists', () => {
  expect(rows.flatMap((row) => row.files).filter((file) => !existsSync(fromRoot(file)))).toEqual([]);
});

test('every constraint and index that the decisions map names exists', () => {
  const sql = read('sql/migrations', '.sql');
  const missing = rows.flatMap((row) => row.constraints).filter((name) => !new RegExp(`\\b${name}\\b`).test(sql));
  expect(missing).toEqual([]);
});

test('every test that the decisions map names exists', () => {
  const tests = read('test', '.test.ts');
  expect(rows.map((row) => row.title).filter((title) => !tests.includes(title))).toEqual([]);
});
