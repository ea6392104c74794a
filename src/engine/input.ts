import type { z } from 'zod';
import { VerveError } from './errors.ts';

/** Reads an input by its schema; refuses it with `invalid_request`, naming the fields and never their values. */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  throw new VerveError('invalid_request', 'A value was refused.', {
    fields: read.error.issues.map((issue) =>
      issue.code === 'unrecognized_keys'
        ? { field: [...issue.path, '*'].join('.'), message: 'a key that is not known' }
        : { field: issue.path.join('.'), message: issue.message },
    ),
  });
}
