import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { type ErrorCode, errorTable } from '../engine/errors.ts';
import type { AnswerForm, Operation } from './operation.ts';
import { operations } from './operations.ts';
import { tags } from './tags.ts';

export type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

/** Refusals that any operation with these properties can give. */
function commonProblems(operation: Operation): ErrorCode[] {
  const codes: ErrorCode[] = ['invalid_request', 'too_many_requests', 'internal_error', 'database_unavailable'];
  if (operation.access.to !== 'signed')
    codes.push('unauthenticated', 'invalid_token', 'not_found', 'organisation_required');
  if (operation.access.to === 'callers') codes.push('forbidden');
  if (operation.body !== null) codes.push('invalid_json', 'unsupported_media_type');
  codes.push('body_too_large');
  if (operation.method === 'post' && operation.access.to !== 'signed') {
    codes.push('idempotency_key_reused', 'idempotency_key_running');
  }
  return codes;
}

const problemSchema = z
  .object({
    type: z
      .string()
      .openapi({ description: 'Address of a page about this kind of problem.', example: '/problems/not_found' }),
    title: z.string(),
    status: z.int(),
    code: z.string().openapi({ description: 'Stable; decide by this.', example: 'not_found' }),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem', {
    example: {
      type: '/problems/not_found',
      title: errorTable.not_found.title,
      status: 404,
      code: 'not_found',
      detail: errorTable.not_found.title,
      request_id: '0f5b2c1e-7d0a-4c57-9a55-0d6b3f0e9a11',
    },
  });

let built: Document | undefined;

/** The OpenAPI 3.1 document of the contract, made from the same schemas that the handler checks by. */
export function buildDocument(publicUrl: string): Document {
  built ??= generate();
  const contact = { name: 'Verve', url: `${publicUrl}/docs` };
  return { ...built, info: { ...built.info, contact }, servers: [{ url: publicUrl }] };
}

function generate(): Document {
  const contract = new OpenAPIHono();
  const registry = contract.openAPIRegistry;
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, or the token of a signed-in person (docs/authentication.md).',
  });
  registry.registerComponent('securitySchemes', 'signature', {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Standard Webhooks: webhook-id, webhook-timestamp and webhook-signature over the raw bytes.',
  });
  registry.register('Problem', problemSchema);
  for (const operation of operations) registry.registerPath(routeOf(operation));
  return contract.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Verve',
      version: '1.0.0',
      description:
        'Who recruited this member? Referral codes, clicks, registrations and confirmations of a membership organisation. ' +
        'Times are ISO 8601 in UTC with milliseconds, names are snake_case, refusals are problem details (RFC 9457).',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  });
}

function routeOf(operation: Operation): RouteConfig {
  const { access } = operation;
  const scope = access.to === 'callers' ? `\n\nA key needs the scope \`${access.scope}\`.` : '';
  return {
    method: operation.method,
    path: operation.path,
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: `${operation.description}${scope}`,
    security: securityOf(operation),
    request: {
      ...(operation.params === null ? {} : { params: operation.params }),
      ...(operation.query === null ? {} : { query: operation.query }),
      headers: headersOf(operation),
      ...bodyOf(operation),
    },
    responses: responsesOf(operation),
  };
}

function securityOf(operation: Operation): RouteConfig['security'] & object {
  if (operation.access.to === 'signed') return [{ signature: [] }];
  return operation.access.to === 'anybody' ? [{}, { bearer: [] }] : [{ bearer: [] }];
}

function headersOf(operation: Operation): z.ZodObject {
  const headers: Record<string, z.ZodType> = {};
  if (operation.access.to !== 'signed') {
    headers['Verve-Organisation'] = z
      .string()
      .optional()
      .openapi({ description: 'Slug of the organisation, for a person who belongs to several.', example: 'lydhor' });
  }
  if (operation.method === 'post' && operation.access.to !== 'signed') {
    headers['Idempotency-Key'] = z
      .string()
      .max(255)
      .optional()
      .openapi({
        description:
          operation.runsAnew === true
            ? 'Changes nothing and runs each time. The key stays bound to its request: another under it is refused.'
            : 'The same key with the same request is carried out once; the answer is repeated.',
        example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
      });
  }
  return z.object(headers);
}

function bodyOf(operation: Operation): { body?: NonNullable<RouteConfig['request']>['body'] & object } {
  const required = !operation.isBodyOptional;
  if (operation.bodyForm !== 'json') {
    const { raw, schema } = operation.bodyForm;
    return { body: { required, content: { [raw]: { schema, ...exampleOf(operation.bodyExample) } } } };
  }
  if (operation.body === null) return {};
  return {
    body: {
      required,
      content: { 'application/json': { schema: operation.body, ...exampleOf(operation.bodyExample) } },
    },
  };
}

function exampleOf(example: unknown): { example?: unknown } {
  return example === undefined ? {} : { example };
}

function responsesOf(operation: Operation): RouteConfig['responses'] {
  const responses: RouteConfig['responses'] = {};
  for (const [status, form] of Object.entries(operation.answers)) responses[status] = responseOf(operation, form);
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of [...commonProblems(operation), ...operation.problems]) {
    const { status } = errorTable[code];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(code));
  }
  for (const [status, codes] of [...byStatus].sort(([a], [b]) => a - b)) {
    responses[status] = {
      description: [...codes].map((one) => `\`${one}\``).join(', '),
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return responses;
}

function responseOf(operation: Operation, form: AnswerForm): RouteConfig['responses'][string] {
  const headers: Record<string, { description: string; schema: { type: 'string' } }> = {};
  for (const [name, description] of Object.entries(form.headers ?? {}))
    headers[name] = { description, schema: { type: 'string' } };
  if (operation.method === 'post' && operation.access.to !== 'signed' && operation.runsAnew !== true) {
    headers['Idempotency-Replayed'] = {
      description: '`true` on an answer that was kept under the Idempotency-Key.',
      schema: { type: 'string' },
    };
  }
  if (operation.access.to === 'anybody') {
    headers.RateLimit = { description: 'What is left of the budget (a draft standard).', schema: { type: 'string' } };
  }
  const withHeaders = Object.keys(headers).length === 0 ? {} : { headers };
  if (form.schema === null) return { description: form.description, ...withHeaders };
  return {
    description: form.description,
    ...withHeaders,
    content: {
      [form.contentType ?? 'application/json']: { schema: form.schema, ...exampleOf(form.example) },
      ...(form.textType === undefined ? {} : { [form.textType]: { schema: z.string() } }),
    },
  };
}
