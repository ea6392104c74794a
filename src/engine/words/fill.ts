// Fills the words of a sentence: the part of ICU MessageFormat that the tables use, and no more. Pure.

/** What a sentence is filled with. Numbers are written as the language writes them. */
export type WordValues = Readonly<Record<string, string | number>>;

const pluralHead = /^([A-Za-z]+), plural, (.*)$/s;

/**
 * Fills `{name}` and `{n, plural, one {# dag} other {# dager}}`. A placeholder without a value throws a RangeError: a
 * page never shows a raw placeholder. Values are put in as they are, never read as placeholders.
 * @param locale a BCP 47 tag for plural rules and numbers
 */
export function fillSentence(sentence: string, values: WordValues, locale: string): string {
  let filled = '';
  let at = 0;
  while (at < sentence.length) {
    const open = sentence.indexOf('{', at);
    if (open === -1) return filled + sentence.slice(at);
    const close = closingBrace(sentence, open);
    filled += sentence.slice(at, open) + fillPlaceholder(sentence.slice(open + 1, close), values, locale);
    at = close + 1;
  }
  return filled;
}

/** The names of the values that a sentence needs, sorted, each once. */
export function namesIn(sentence: string): string[] {
  const names = [...sentence.matchAll(/\{([A-Za-z]+)(?:\}|, plural,)/g)].map((match) => match[1] as string);
  return [...new Set(names)].sort();
}

function fillPlaceholder(inner: string, values: WordValues, locale: string): string {
  const plural = pluralHead.exec(inner);
  if (plural === null) return written(namedValue(inner, values), locale);
  const count = Number(namedValue(plural[1] as string, values));
  const branches = readBranches(plural[2] as string);
  const branch = branches[new Intl.PluralRules(locale).select(count)] ?? branches.other;
  if (branch === undefined) throw new RangeError('A plural needs the branch "other"');
  return fillSentence(branch, values, locale).replaceAll('#', written(count, locale));
}

function readBranches(text: string): Record<string, string | undefined> {
  const branches: Record<string, string> = {};
  for (let rest = text.trim(); rest !== ''; ) {
    const open = rest.indexOf('{');
    const close = open === -1 ? -1 : closingBrace(rest, open);
    if (close === -1) throw new RangeError('A plural branch is written: one {…}');
    branches[rest.slice(0, open).trim()] = rest.slice(open + 1, close);
    rest = rest.slice(close + 1).trim();
  }
  return branches;
}

function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw new RangeError('A brace is not closed');
}

function namedValue(name: string, values: WordValues): string | number {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new RangeError(`The sentence needs a value for ${name}`);
  return value;
}

function written(value: string | number, locale: string): string {
  return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value;
}
