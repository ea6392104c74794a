/**
 * The one mapper between TypeScript and HTTP (spec §2.15): camelCase inside, snake_case outside, times ISO 8601 in UTC
 * with milliseconds. Keys that are data, such as settings by their own names, are in `verbatim`.
 */

import { snakeCase } from '../engine/snake-case.ts';

export { snakeCase };

/** Gives a value as the contract shows it. Keys of objects under a name in `verbatim` are left alone. */
export function toWire(value: unknown, verbatim: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => toWire(item, verbatim));
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      snakeCase(key),
      verbatim.includes(key) ? inner : toWire(inner, verbatim),
    ]),
  );
}

/** Gives a body of the contract as the engine takes it. */
export function fromWire(value: unknown, verbatim: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => fromWire(item, verbatim));
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      camelCase(key),
      verbatim.includes(key) ? inner : fromWire(inner, verbatim),
    ]),
  );
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** JSON of an answer. `Date` becomes ISO 8601 in UTC with milliseconds; bigint never reaches here (counts are cast to int). */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}
