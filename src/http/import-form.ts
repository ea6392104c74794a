import { z } from '@hono/zod-openapi';
import { CsvError } from '../connectors/csv/csv-error.ts';
import type { FactKind } from '../engine/attributions/fact.ts';
import { VerveError } from '../engine/errors.ts';
import type { Incoming } from './operation.ts';

/** Bytes of a file: some 300,000 lines. */
export const maxFileBytes = 33_554_432;
/** Lines imported while the caller waits; a longer file is worked through in the background. */
export const linesAtOnce = 2000;
/** Lines shown in a report; the result file has all of them. */
export const linesShown = 200;

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true');
const kinds = ['registered', 'confirmed', 'rejected', 'reversed'] as const;

export const importQuery = z.object({
  preview: flag.openapi({ description: 'true tells what would happen and writes nothing. (Default: false)' }),
  format: z.enum(['json', 'csv', 'progress']).default('json').openapi({
    description:
      'json: a report. csv: what became of each line, as a file. progress: lines of JSON while it runs, the last with the report. (Default: json)',
  }),
  status: z.enum(kinds).optional().openapi({ description: 'For lines without a status.' }),
  map: z
    .string()
    .max(2000)
    .regex(/^[^:,]+:(registered|confirmed|rejected|reversed)(,[^:,]+:(registered|confirmed|rejected|reversed))*$/)
    .optional()
    .openapi({ description: 'Status words of the file, such as `aktiv:confirmed,utgått:reversed`.' }),
  ignore_unknown_columns: flag.openapi({ description: 'true leaves them out instead of refusing the file.' }),
});

export const lineSchema = z.object({ line: z.int(), result: z.string(), explanation: z.string() });
export const reportSchema = z
  .object({
    is_preview: z.boolean(),
    counts: z.record(z.string(), z.int()),
    results: z.record(z.string(), z.int()).openapi({ description: 'How many lines ended in each result.' }),
    ignored_columns: z.array(z.string()),
    lines: z.array(lineSchema).openapi({ description: `The first ${linesShown} that need a look.` }),
  })
  .openapi('ImportReport');

export type ImportIncoming = Incoming<undefined, z.output<typeof importQuery>, undefined>;

export function mapOf(text: string | undefined): Record<string, FactKind> {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '');
  return Object.fromEntries(pairs.map((pair) => pair.split(':') as [string, FactKind]));
}

export async function zoneOf({ runtime, orgId }: Pick<ImportIncoming, 'runtime' | 'orgId'>): Promise<string> {
  return (await runtime.verve.organisations.recent(orgId))?.timeZone ?? 'Europe/Oslo';
}

export function refuseFile(error: unknown): never {
  throw error instanceof CsvError ? new VerveError('unprocessable', error.message) : error;
}
