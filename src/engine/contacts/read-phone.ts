/** What people put between digits, also the zero of `+44 (0)7911…` that is left out from abroad. */
const between = /\(0\)|[\s().\-\u2010-\u2015]/g;

/** Country codes that are in use (ITU-T E.164), with those of ships and satellites; services of all countries are left out. */
const countries = [
  '1|7|20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]',
  '21[1-368]|2[246]\\d|23\\d|25[0-8]|29[01789]',
  '35\\d|37[0-8]|38[0-35-79]|42[013]',
  '50\\d|59\\d|67[02-9]|68[0-35-9]|69[0-2]',
  '85[02356]|870|88[0-36]|96[0-8]|97[0-7]|99[2-68]',
].join('|');
const abroad = new RegExp(`^(?:\\+|00)(${countries})(\\d{4,13})$`);

/** Countries whose numbers begin with a zero that belongs to them; elsewhere it is for calls within the country. */
const keepsZero: ReadonlySet<string> = new Set(['39', '378', '225', '241', '242']);

/** Most digits of a number with its country code, and fewest. */
const LONGEST = 15;
const SHORTEST = 8;

/**
 * Reads a mobile number as `+4790000000`: a Norwegian one is 8 digits that begin with 4 or 9, with or without +47, 0047 or
 * 47; one of another country begins with + or 00 and its country code. null = neither. The one place where numbers are read,
 * so that the same person is recognised however he writes his.
 */
export function readPhone(typed: string): string | null {
  const digits = typed.normalize('NFKC').trim().replace(between, '');
  const local = /^(?:\+47|0047|47)?([49]\d{7})$/.exec(digits)?.[1];
  if (local !== undefined) return `+47${local}`;
  const [, country = '', national = ''] = abroad.exec(digits) ?? [];
  if (country === '' || country === '47') return null;
  const number = country + (keepsZero.has(country) ? national : national.replace(/^0/, ''));
  if (country === '1' && !/^1[2-9]\d{9}$/.test(number)) return null;
  return number.length >= SHORTEST && number.length <= LONGEST ? `+${number}` : null;
}

/** Whether somebody tried to write the number of another country: Norwegian ones never begin with a zero of their own. */
export function isMeantAbroad(typed: string): boolean {
  return /^(?:\+(?!47)|0(?!047))/.test(typed.normalize('NFKC').trim().replace(between, ''));
}
