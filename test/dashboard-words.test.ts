import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { scopes } from '../src/engine/permissions.ts';
import { shareChannels } from '../src/engine/share/channels.ts';

// The dashboard's sentences: none is lacking, none is left over, in no language.

type Table = Readonly<Record<string, string>>;
const folder = fileURLToPath(new URL('../dashboard/src/', import.meta.url));
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
const languages = ['nb', 'nn', 'en'] as const;

/** Every sentence of a language, in whichever file it stands. */
async function loadTable(language: (typeof languages)[number]): Promise<Table> {
  const files = paths.filter((path) => path.startsWith('words/') && path.endsWith(`/${language}.ts`));
  const modules = await Promise.all(files.map((path) => import(`${folder}${path}`)));
  return Object.assign({}, ...modules.flatMap((exported) => Object.values(exported as Record<string, Table>)));
}
const tables = { nb: await loadTable('nb'), nn: await loadTable('nn'), en: await loadTable('en') };
const keys = Object.keys(tables.nb);
const pages = paths
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('words/'))
  .map((path) => readFileSync(`${folder}${path}`, 'utf8'))
  .join('\n');

/** What a sentence fills in, plural forms apart; a number that only chooses a form is filled in nowhere. */
const namesIn = (sentence = ''): string[] =>
  Array.from(
    sentence
      .replaceAll(/(\{\w+), plural,(?:\s*(?:=\d+|\w+) \{[^{}]*\})+\}/g, (forms, number) =>
        forms.includes('#') ? `${number}}` : '',
      )
      .matchAll(/\{(\w+)\}/g),
    ([, name = '']) => name,
  ).toSorted();

test.each(languages)('%s has every sentence, none more, and none is empty', (language) => {
  const table = tables[language];
  expect(Object.keys(table).toSorted()).toEqual(keys.toSorted());
  expect(keys.filter((key) => table[key]?.trim() === '')).toEqual([]);
});

test.each(languages)('what %s fills in is what bokmål fills in', (language) => {
  // How the organisation calls a mentor is the language's own affair.
  const needs = (sentence?: string) => String(namesIn(sentence).filter((name) => !/^mentorTerm/i.test(name)));
  const differing = keys.filter((key) => needs(tables[language][key]) !== needs(tables.nb[key]));
  expect(differing).toEqual([]);
});

test('no sentence is left that no page says', () => {
  const said = new Set(Array.from(pages.matchAll(/'([\w.:-]+)'/g), ([, key = '']) => key));
  // `funnel.${step.stage}` says funnel.shared, funnel.clicked and their like.
  const families = Array.from(pages.matchAll(/`([a-zA-Z]+(?:\.[\w-]+)*\.)\$\{[^`]*`/g), ([whole]) => {
    const fixed = whole.slice(1, -1).split(/\$\{[^}]*\}/);
    return new RegExp(`^${fixed.map((part) => part.replaceAll('.', '\\.')).join('[\\w.:-]+')}$`);
  });
  // A setting's choices are said by its own key: choice('set.review', ['off', …]) says set.review.off.
  const choices = Array.from(pages.matchAll(/choice\('([\w.]+)', \[([^\]]*)\]/g), ([, key, list = '']) =>
    Array.from(list.matchAll(/'([\w,]+)'/g), ([, value]) => `${key}.${value}`),
  ).flat();
  for (const key of choices) said.add(key);
  expect(keys.filter((key) => !said.has(key) && !families.some((family) => family.test(key)))).toEqual([]);
});

describe('what the API names has its words', () => {
  const text = (path: string): string => readFileSync(new URL(`../src/${path}`, import.meta.url), 'utf8');
  const lacking = (family: string, names: readonly string[]): string[] => {
    expect(names.length).toBeGreaterThan(1);
    return names.map((name) => `${family}.${name}`).filter((key) => !keys.includes(key));
  };

  test('channels, and the rights of keys', () => {
    expect(lacking('channel', [...shareChannels, 'none'])).toEqual([]);
    expect(lacking('scope', scopes)).toEqual([]);
  });

  test('why a receiver did not answer', () => {
    const [, union = ''] = /type FailureClass =([^;]+);/.exec(text('engine/webhooks/judge-answer.ts')) ?? [];
    const answered = ['http_status', 'redirect', 'gone', 'throttled']; // those are told by their status
    const names = Array.from(union.matchAll(/'(\w+)'/g), ([, name = '']) => name);
    expect(
      lacking(
        'deliveries.failure',
        names.filter((name) => !answered.includes(name)),
      ),
    ).toEqual([]);
  });

  test('how a case was decided', () => {
    const [, union = ''] = /type Resolution =([^;]+);/.exec(text('engine/inbox/repository.ts')) ?? [];
    expect(
      lacking(
        'item.resolution',
        Array.from(union.matchAll(/'(\w+)'/g), ([, name = '']) => name),
      ),
    ).toEqual([]);
  });

  test('the checks of an explanation', () => {
    const checks = text('engine/attributions/explain.ts').matchAll(/add\('(\w+)', '(\w+)'/g);
    expect(
      lacking(
        'attr.rule',
        Array.from(checks, ([, rule, result]) => `${rule}.${result}`),
      ),
    ).toEqual([]);
    expect(lacking('attr.rule', ['review.passed', 'review.noted', 'review.failed'])).toEqual([]);
  });

  test('the facts and reviews of a history', () => {
    expect(lacking('attr.fact', ['registered', 'confirmed', 'rejected', 'reversed'])).toEqual([]);
    expect(lacking('attr.review', ['approval', 'requested', 'approved', 'rejected', 'withdrawn'])).toEqual([]);
  });
});
