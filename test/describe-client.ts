import { buildDocument } from '../src/http/openapi.ts';
import type { JsonSchema } from './schema-arbitrary.ts';

interface Documented {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
type Schema = JsonSchema & { additionalProperties?: boolean | Schema };

/** Writes the types and routes of the client from the OpenAPI document: what the server checks is what the client knows. */
export function describeClient(): string {
  const document = buildDocument('') as unknown as {
    paths: Record<string, Record<string, Documented>>;
    components: { schemas: Record<string, Schema> };
  };
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const schemas = Object.entries(document.components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const types = operations.map(
    ({ operation }) =>
      `  /** ${operation.summary}. */\n  ${operation.operationId}: { input: ${inputOf(operation)}; answer: ${answerOf(operation)}${otherFormsOf(operation)} };`,
  );
  const routes = operations.map(
    ({ path, method, operation }) => `  ${operation.operationId}: ['${method}', '${path}'${rawTypeOf(operation)}],`,
  );
  return `// Made from the OpenAPI document by "npm run generate"; do not edit.

${schemas.join('\n')}

/** What each operation takes and answers. */
export interface Operations {
${types.join('\n')}
}

/** Method and path of each operation, and the media type of a body that is no JSON. */
export const routes = {
${routes.join('\n')}
} as const satisfies Record<keyof Operations, readonly [method: string, path: string, mediaType?: string]>;
`;
}

function mediaTypeOf({ requestBody }: Documented): string {
  return Object.keys(requestBody?.content ?? {})[0] ?? 'application/json';
}

function rawTypeOf(operation: Documented): string {
  const type = mediaTypeOf(operation);
  return type === 'application/json' ? '' : `, '${type}'`;
}

function inputOf(operation: Documented): string {
  const place = (where: string) => (operation.parameters ?? []).filter((parameter) => parameter.in === where);
  const parts: string[] = [];
  const path = place('path');
  if (path.length > 0) parts.push(`path: { ${path.map(({ name }) => `${JSON.stringify(name)}: string`).join('; ')} }`);
  const query = place('query');
  if (query.length > 0) {
    const isRequired = query.some(({ required }) => required);
    const fields = query.map(
      ({ name, required, schema }) => `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)}`,
    );
    parts.push(`query${isRequired ? '' : '?'}: { ${fields.join('; ')} }`);
  }
  const body = operation.requestBody;
  const content = body === undefined ? undefined : Object.values(body.content)[0];
  if (body !== undefined && content !== undefined)
    parts.push(
      `body${body.required ? '' : '?'}: ${rawTypeOf(operation) === '' ? typeOf(content.schema) : 'string | Blob'}`,
    );
  return parts.length === 0 ? 'object' : `{ ${parts.join('; ')} }`;
}

function answerOf(operation: Documented): string {
  const answers = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => {
      const [type, media] = Object.entries(content ?? {})[0] ?? [];
      if (media === undefined) return 'null';
      return type === 'application/json' ? typeOf(media.schema) : 'Response';
    });
  return [...new Set(answers)].join(' | ') || 'null';
}

/** What an operation answers instead where `format` asks for it. */
function otherFormsOf({ responses }: Documented): string {
  const formats = { 'text/csv': 'csv', 'application/x-ndjson': 'progress' };
  const asked = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .flatMap(([, { content }]) => Object.keys(content ?? {}).slice(1))
    .map((media) => formats[media as keyof typeof formats]);
  return asked.length === 0 ? '' : `; answerIn: { ${asked.map((format) => `"${format}": Response`).join('; ')} }`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((one) => grouped(typeOf(one))))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((one) => grouped(typeOf(one))).join(' & ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => plainType(type, schema)).join(' | ');
}

function plainType(type: string | undefined, schema: Schema): string {
  switch (type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `${grouped(typeOf(schema.items ?? {}))}[]`;
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const { additionalProperties: others } = schema;
      if (properties.length === 0) return `Record<string, ${typeof others === 'object' ? typeOf(others) : 'unknown'}>`;
      const required = new Set(schema.required ?? []);
      return `{ ${properties.map(([name, one]) => `${JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${typeOf(one)}`).join('; ')} }`;
    }
    default:
      return 'unknown';
  }
}

function grouped(type: string): string {
  return type.includes(' | ') || type.includes(' & ') ? `(${type})` : type;
}
