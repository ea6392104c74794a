import { z } from '@hono/zod-openapi';
import { notAnId } from '../../engine/ids.ts';

/** A whole number in a query or path: decimal digits only. */
export function wholeNumber(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().int().min(minimum).max(maximum))
    .openapi({ type: 'integer', minimum, maximum });
}

/** A truth value in a query. */
export const truth = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .openapi({ type: 'string', enum: ['true', 'false'] });

export const uuid = z
  .string()
  .regex(/^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/, notAnId)
  .transform((text) => text.toLowerCase())
  .openapi({ type: 'string', format: 'uuid', example: '0b0b0b0b-0000-4000-8000-000000000002' });

/** An instant in a request: ISO 8601 with an offset. A leap second (`23:59:60`) is the end of its minute. */
export const instant = z
  .string()
  .transform((text) => text.replace(/(?<=T\d\d:59:)60(?:\.\d+)?(?=Z|[+-])/, '59.999'))
  .pipe(z.iso.datetime({ offset: true }).refine(isPlausible, 'must lie between the years 1970 and 9999'))
  .openapi({ type: 'string', format: 'date-time', example: '2026-11-20T11:00:00.000Z' });

/** A day in a request, in the organisation's time zone. */
export const day = z.iso
  .date()
  .refine(isPlausible, 'must lie between the years 1970 and 9999')
  .openapi({ type: 'string', format: 'date', example: '2026-11-20' });

function isPlausible(text: string): boolean {
  const year = Number(text.slice(0, 4));
  return year >= 1970 && year <= 9999;
}

/** A time in an answer: ISO 8601 in UTC with milliseconds. */
export const time = z.string().openapi({ format: 'date-time', example: '2026-11-20T11:00:00.000Z' });
export const timeOrNull = time.nullable();
/** A day in an answer. */
export const dayShown = z.string().openapi({ format: 'date', example: '2026-11-20' });

/** A referral code as typed: any case, spaces and hyphens, O for 0. */
export const codeInput = z.string().trim().min(1).max(64).openapi({ example: '3PKCM-78AQS' });

/** The path's one id. */
export const idParams = z.object({ id: uuid });
