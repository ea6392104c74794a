import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeColourScale } from '../src/engine/brand/colour-scale.ts';

// The dashboard's stylesheets as text: nothing forgotten, nothing left over.

const folder = fileURLToPath(new URL('../dashboard/src/', import.meta.url));
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const read = (path: string): string => readFileSync(`${folder}${path}`, 'utf8');
const sheets = paths.filter((path) => path.endsWith('.css') && path !== 'style/all.css');
const style = sheets
  .map(read)
  .join('\n')
  .replaceAll(/\/\*.*?\*\//gs, '');
const pages = paths
  .filter((path) => path.endsWith('.tsx'))
  .map(read)
  .join('\n');
const found = (text: string, form: RegExp): string[] => [
  ...new Set(Array.from(text.matchAll(form), ([, name = '']) => name)),
];

test('every stylesheet is in the one that the browser gets', () => {
  const imported = found(read('style/all.css'), /@import "\.{1,2}\/(?:style\/)?([^"]+)"/g);
  expect(imported.toSorted()).toEqual(sheets.map((path) => path.replace(/^style\//, '')).toSorted());
});

test('no rule is for a class that no page has', () => {
  const selectors = style.replaceAll(/\{[^{}]*\}|url\([^)]*\)/g, ' ');
  // A case's sign has the name of its kind, which the API gives.
  const named = `${pages} ${read('pages/inbox/load-cases.ts')}`;
  // `depth${…}` names depth1, depth2 and so on.
  const isNamed = (name: string) => new RegExp(`\\b(?:${name}\\b|${name.replace(/\d+$/, '')}\\$\\{)`).test(named);
  const unused = found(selectors, /\.([a-z][\w-]*)/g).filter((name) => !isNamed(name));
  expect(unused).toEqual([]);
});

describe('colours', () => {
  const declared = found(read('style/tokens.css'), /(--[a-z-]+):/g);
  const used = found(style, /var\((--[a-z-]+)\)/g);
  const accent = Object.keys(makeColourScale('#0b7a75', 'light')).map((tone) => `--ds-color-accent-${tone}`);

  test('are all declared, with a light and a dark value, and all used', () => {
    // A sheet may have some of its own, and the preview of a brand is given the tones that are tried.
    const known = [...found(style, /(--[a-z-]+):/g), ...accent];
    expect(used.filter((name) => !known.includes(name) && !name.startsWith('--preview-'))).toEqual([]);
    expect(declared.filter((name) => !used.includes(name))).toEqual([]);
    const values = found(read('style/tokens.css'), /--[a-z-]+: ([^;]+);/g);
    expect(values.filter((value) => !/^light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\)$/.test(value))).toEqual([]);
  });

  test('are light or dark by the wish of the system, or of the person', () => {
    const built = readdirSync(`${folder}../dist`).filter((name) => name.endsWith('.css'));
    const text = built.map((name) => readFileSync(`${folder}../dist/${name}`, 'utf8')).join('');
    // Written out for browsers that do not know the function.
    expect(text).not.toContain('light-dark(');
    expect(text).toMatch(/--page:var\(--lightningcss-light,#f5f7f7\)\s?var\(--lightningcss-dark,#14191a\)/);
  });
});
