import { beforeAll, describe, expect, test, vi } from 'vitest';
import { en as adminEn } from '../dashboard/src/words/admin/en.ts';
import { nb as adminNb } from '../dashboard/src/words/admin/nb.ts';
import { nn as adminNn } from '../dashboard/src/words/admin/nn.ts';
import { en } from '../dashboard/src/words/en.ts';
import { nb } from '../dashboard/src/words/nb.ts';
import { nn } from '../dashboard/src/words/nn.ts';
import type { WordKey } from '../dashboard/src/words/word-table.ts';

const tables = { nb: { ...nb, ...adminNb }, nn: { ...nn, ...adminNn }, en: { ...en, ...adminEn } };
const languages = ['nb', 'nn', 'en'] as const;
const keys = Object.keys(tables.nb) as WordKey[];

/** Sentences in which a number stands before a word that is the same for one and for many, in each language that says it so. */
const sameForAll: Partial<Record<WordKey, readonly (typeof languages)[number][]>> = {
  'common.pageOf': languages,
  'deliveries.inMs': languages,
  'funnel.note': ['nb'], // besøk
  'health.messagesResult': languages, // flest 3 på én dag
  'health.messagesToday': languages,
  'health.out.parked': ['nb'],
  'health.run.minutes': languages,
  'health.run.seconds': languages,
  'health.run.taken': ['nb', 'en'],
  'health.runningSeen': ['nb', 'en'],
  'import.onlyFirst': ['nb', 'nn'], // de første
  'import.reading': languages, // 1 av 3 linjer
  'import.running': languages,
  'import.taken': languages,
  'import.wouldTake': languages,
  'item.position': languages,
  'me.figures': languages, // klikk; clicked, registered
  'me.toNextBadge': languages,
  'mentorImport.made': languages, // 1 av 3 linjer
  'mentorImport.wouldMake': languages,
  'milestones.wrong': languages, // the most there may be
  'mentors.sharedLately': ['nb', 'nn'], // har delt, har delt
  'mentors.showing': languages,
  'overview.dailyResult': languages,
  'overview.fewer': languages,
  'overview.more': languages,
};

describe.each(languages)('in %s', (language) => {
  test('a number before a word chooses the form of the word, but where all forms are one', () => {
    const bare = /\{(?:n|i|m|s|days|bots|noClick|done|active|clicks|registered|members|now|before|most|total)\} \p{L}/u;
    const found = keys.filter((key) => bare.test(tables[language][key]));
    const expected = keys.filter((key) => sameForAll[key]?.includes(language));
    expect(found.sort()).toEqual(expected.sort());
  });

  test('one and many are both said, wherever a form is chosen', () => {
    for (const key of keys) {
      const choices = tables[language][key].matchAll(/\{\w+, plural,((?:[^{}]|\{(?:[^{}]|\{\w+\})*\})*)\}/g);
      for (const [, forms = ''] of choices) expect(forms, key).toMatch(/other \{/);
    }
  });
});

describe('said for one and for many', () => {
  let say: typeof import('../dashboard/src/say.ts')['say'];
  beforeAll(async () => {
    const boot = {
      language: 'nb',
      person: { mentorId: null, name: null, roles: [] },
      organisation: { name: 'Lydhør', timeZone: 'Europe/Oslo' },
      terms: { mentorTerm: 'likeperson', mentorTermPlural: 'likepersoner' },
    };
    vi.stubGlobal('document', { getElementById: () => ({ textContent: JSON.stringify(boot) }) });
    const module = await import('../dashboard/src/say.ts');
    await module.loadWords();
    say = module.say;
    return () => vi.unstubAllGlobals();
  });

  test('also where the form holds the organisation’s own words', () => {
    expect(say('mentors.sharedLately', { n: 1, active: 1, days: 30 })).toBe(
      '1 likeperson. 1 har delt lenken sin siste 30 dager.',
    );
    expect(say('mentors.sharedLately', { n: 2, active: 0, days: 1 })).toBe(
      '2 likepersoner. 0 har delt lenken sin siste dag.',
    );
    expect(say('funnel.note', { bots: 1, noClick: 1 })).toContain(' 1 medlem oppga koden');
    expect(say('funnel.note', { bots: 3, noClick: 2 })).toContain(' 2 medlemmer oppga koden');
    expect(say('overview.fewer', { n: 4, days: 30 })).toBe('4 færre enn de 30 dagene før.');
    expect(say('overview.fewer', { n: 4, days: 1 })).toBe('4 færre enn dagen før.');
  });
});
