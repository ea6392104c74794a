import { z } from 'zod';
import { languages } from '../words/language.ts';

/** A whole number between two limits, both allowed. */
export function wholeNumber(least: number, most: number) {
  return z.int().min(least).max(most);
}

/** Text by language; a language that is left out takes the built-in words. */
export function localised(longest: number) {
  return z.partialRecord(z.enum(languages), z.string().trim().min(1).max(longest));
}
