import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillSentence, namesIn } from '../src/engine/words/fill.ts';
import { chooseLanguage, languages } from '../src/engine/words/language.ts';
import type { WordKey } from '../src/engine/words/nb.ts';
import { termNames, termsSchema } from '../src/engine/words/terms.ts';
import { sentencesSchema, speak, wordTables } from '../src/engine/words/words.ts';

const keys = Object.keys(wordTables.nb) as WordKey[];

describe('the word tables', () => {
  it.each(languages)('lack no key in %s and have no empty sentence', (language) => {
    expect(Object.keys(wordTables[language]).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(wordTables[language][key].trim()).not.toBe('');
  });

  it.each(keys)('need the same values for %s in every language', (key) => {
    const needs = languages.map((language) =>
      namesIn(wordTables[language][key]).filter((name) => !/^[mM]entorTerm/.test(name)),
    );
    expect(new Set(needs.map(String)).size).toBe(1);
    for (const language of languages) {
      for (const name of namesIn(wordTables[language][key]).filter((one) => /mentor/i.test(one)))
        expect(termNames).toContain(name);
    }
  });

  it.each(languages)('can be said in %s', (language) => {
    const say = speak({ language, org: 'Lydhør' });
    const values = {
      url: 'https://x',
      name: 'N',
      code: 'C',
      n: 2,
      version: '1',
      example: 'E',
      shortUrl: 's',
      store: 'App Store',
    };
    for (const key of keys) expect(say(key, values)).not.toMatch(/[{}]/);
  });
});

/** The design's table: key, bokmål, nynorsk, English. */
const drawn = readFileSync(new URL('drawn-words.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\| [a-z]+\./.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('what the design wrote', () => {
  it.each(drawn.map(([, key = '', ...sentences]) => [key.replace(' ◆', ''), ...sentences]))(
    'is said word for word: %s',
    (key = '', ...sentences) => {
      // Both are filled, because «om {n} minutter» also has to be right for one.
      const values = Object.fromEntries([...termNames, 'org', 'url', 'code', 'example', 'shortUrl'].map((n) => [n, n]));
      languages.forEach((language, index) => {
        const said = fillSentence(wordTables[language][key as WordKey], { ...values, n: 5 }, language);
        expect(said).toBe(fillSentence(sentences[index] ?? '', { ...values, n: 5 }, language));
      });
    },
  );

  it('holds for the sentences that are ours too: sentence case, no exclamation but in thanks and welcome, «» and no «vennligst»', () => {
    for (const language of languages) {
      for (const [key, sentence] of Object.entries(wordTables[language])) {
        if (!/^(join\.(intro|thanks|thanksTitle)|tell\.sent|share\.message)$/.test(key))
          expect(sentence).not.toContain('!');
        expect(sentence, key).not.toMatch(/vennligst|please|["“”]|\s{2}|^\s|\s$/i);
        expect(sentence, key).toMatch(/^[\p{Lu}\d{(]/u);
      }
    }
  });

  it('keeps the two Norwegians apart', () => {
    const bokmaal =
      /\b(ikke|jeg|hvem|hva|hvis|hvordan|noen|noe|fra|lenken|koden din er|mangler|finner|gjør|gjelder|velkommen|videre|medlemmene|svarer|forsøk på|åpne|uten|dager|inviterte oss)\b/i;
    const nynorsk =
      /\b(ikkje|eg|kven|kva|korleis|nokon|noko|frå|lenkja|manglar|finn|gjer|gjeld|velkomen|vidare|svarar|opne|utan|dagar|vorte|ein|eit|ei|teikn|meir|namn)\b/i;
    for (const sentence of Object.values(wordTables.nn)) expect(sentence).not.toMatch(bokmaal);
    for (const sentence of Object.values(wordTables.nb)) expect(sentence).not.toMatch(nynorsk);
  });
});

describe('a sentence', () => {
  it('has plurals and numbers as the language writes them', () => {
    const text = '{n, plural, one {# minutt} other {# minutter}}';
    expect(fillSentence(text, { n: 1 }, 'nb')).toBe('1 minutt');
    expect(fillSentence(text, { n: 1284 }, 'nb').replace(/\s/g, ' ')).toBe('1 284 minutter');
    expect(fillSentence('{n, plural, one {One of {org}} other {# of {org}}}', { n: 3, org: 'A' }, 'en')).toBe('3 of A');
  });

  it('puts values in as they are', () => {
    expect(fillSentence('Hei {org}', { org: '{code} # <b>' }, 'nb')).toBe('Hei {code} # <b>');
  });

  it('refuses to show a raw placeholder', () => {
    expect(() => fillSentence('Hei {org}', {}, 'nb')).toThrow(RangeError);
    expect(() => fillSentence('Hei {toString}', {}, 'nb')).toThrow(RangeError);
  });
});

describe("an organisation's own words", () => {
  const terms = termsSchema.parse({
    nb: {
      singular: 'støtteperson',
      singularDefinite: 'støttepersonen',
      plural: 'støttepersoner',
      pluralDefinite: 'støttepersonene',
    },
  });

  it('stand in every sentence, in the right form', () => {
    const say = speak({ language: 'nb', org: 'Vestlyd', terms });
    expect(say('join.intro')).toBe('En støtteperson hos oss har invitert deg. Fint at du er her!');
    expect(say('join.sees')).toBe('Hva får støttepersonen vite?');
    expect(say('share.message', { url: 'https://x' })).toContain('Jeg er støtteperson i Vestlyd');
  });

  it('may replace the sentence about health, and keep stray braces', () => {
    const sentences = sentencesSchema.parse({ nb: { 'join.sees.no': 'Ikke navnet ditt, {org} {tull} {' } });
    const say = speak({ language: 'nb', org: 'Vestlyd', terms, sentences });
    expect(say('join.sees.no')).toBe('Ikke navnet ditt, Vestlyd {tull} {');
    expect(speak({ language: 'nn', org: 'Vestlyd', terms, sentences })('join.sees.no')).toContain('Ikkje namnet');
  });

  it('cannot replace any other sentence', () => {
    expect(sentencesSchema.safeParse({ nb: { 'join.consent': 'Ja' } }).success).toBe(false);
  });
});

describe('the language of a page', () => {
  it.each([
    [null, 'nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6', 'nb', 'nb'],
    [null, 'no', 'nn', 'nn'],
    [null, 'en-GB,en;q=0.9', 'nb', 'en'],
    [null, 'de-DE,de;q=0.9,en;q=0.5', 'nb', 'en'],
    [null, 'fr', 'nn', 'nn'],
    [null, 'da', 'en', 'nb'],
    [null, 'en;q=0.2, nn;q=0.9', 'nb', 'nn'],
    [null, 'en;q=0', 'nb', 'nb'],
    ['nn', 'en', 'nb', 'nn'],
    ['NN', 'en', 'nb', 'nn'],
    ['xx', 'en', 'nb', 'en'],
    ['<script>', null, 'nb', 'nb'],
    [null, null, 'en', 'en'],
    [null, '', 'nn', 'nn'],
    [null, ';;;q=,,=,*', 'nn', 'nn'],
    [null, `${'a,'.repeat(100_000)}en`, 'nb', 'nb'],
  ] as const)('chosen %j, browser %j, organisation %s: %s', (chosen, acceptLanguage, organisation, expected) => {
    expect(chooseLanguage({ chosen, acceptLanguage, organisation })).toBe(expected);
  });

  it('is one of ours whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (chosen, acceptLanguage) => {
        expect(languages).toContain(chooseLanguage({ chosen, acceptLanguage, organisation: 'nn' }));
      }),
    );
  });
});
