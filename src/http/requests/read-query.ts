import type { z } from 'zod';
import { VerveError } from '../../engine/errors.ts';
import { refuseInput } from '../problem.ts';

/**
 * Reads the query string against its schema. A name given twice, a name the operation does not know, or U+0000 is refused:
 * what is ignored silently is what callers get wrong.
 */
export function readQuery<Query>(url: URL, schema: z.ZodType<Query>): Query {
  const values: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(values, name)) throw refuseQuery(name, 'may be given once only');
    if (name === '__proto__' || name.includes('\u0000')) throw refuseQuery('', 'is not a name that is known here');
    if (value.includes('\u0000') || value.includes('\ufffd')) throw refuseQuery(name, 'must be UTF-8 text');
    values[name] = value;
  }
  const result = schema.safeParse(values);
  if (!result.success) throw refuseInput(result.error, 'query');
  return result.data;
}

function refuseQuery(name: string, message: string): VerveError {
  const field = /^[a-z][a-z0-9_]{0,39}$/.test(name) ? name : 'query';
  return new VerveError('invalid_request', 'The query is not of the form that this operation takes.', {
    fields: [{ field, message }],
  });
}
