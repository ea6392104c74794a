import { z } from 'zod';

/**
 * A CloudEvents 1.0 envelope in structured JSON mode. Extension attributes are allowed by that specification and not
 * read; `data` holds the neutral body. `time` is the envelope's, not the membership's, and therefore not used.
 */
export const cloudEventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  datacontenttype: z
    .string()
    .regex(/^application\/(json|[\w.-]+\+json)\b/i)
    .optional(),
  data: z.unknown().refine((data) => data !== undefined && data !== null, 'is missing'),
});
