import fc from 'fast-check';

/** The part of JSON Schema that our document uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  example?: unknown;
}

/** Strings that hurt: from the Big List of Naughty Strings and from what PostgreSQL, JSON, HTML and spreadsheets trip over. */
export const hurtfulStrings: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ufeff',
  '\u202e',
  '\ud800',
  '￿',
  'null',
  'undefined',
  'NaN',
  'Infinity',
  'true',
  '-1',
  '0',
  '1e309',
  '9223372036854775808',
  '00000000-0000-0000-0000-000000000000',
  "' or 1=1 --",
  "'; drop table verve.mentors; --",
  '" or ""="',
  '%s%n',
  ['$', '{7*7}'].join(''),
  '{{7*7}}',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  '\r\nSet-Cookie: a=b',
  '=1+1',
  '＝1+1',
  '@SUM(1)',
  '田中さんにあげて下さい',
  'مرحبا',
  '👩‍👩‍👧‍👦',
  'Ṱ̺̺̕o͞ ̷',
  'æøå',
  'ﬀ',
  '１２３',
  '2026-02-30',
  '2026-13-01T00:00:00Z',
  '0000-00-00T00:00:00Z',
  '99999-01-01T00:00:00Z',
  '-271821-04-20T00:00:00.000Z',
  'A'.repeat(5_000),
  '\\',
  '\\u0000',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'toString',
];

const anything = fc.oneof(
  fc.constantFrom(...hurtfulStrings),
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, -0, [], {}, [[]], [null], { a: { b: { c: [] } } }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that fit a schema, with now and then one part that does not. */
export function arbitraryOf(
  schema: JsonSchema | undefined,
  schemas: Record<string, JsonSchema>,
  strictness = 6,
): fc.Arbitrary<unknown> {
  if (schema === undefined) return anything;
  const fitting = fittingOf(schema, schemas, strictness);
  return fc.oneof({ weight: strictness, arbitrary: fitting }, { weight: 1, arbitrary: anything });
}

function fittingOf(schema: JsonSchema, schemas: Record<string, JsonSchema>, strictness: number): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined)
    return fittingOf(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, schemas, strictness);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => fittingOf(one, schemas, strictness)));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return fc.oneof(...types.map((type) => ofType(type, schema, schemas, strictness)));
}

function ofType(
  type: string | undefined,
  schema: JsonSchema,
  schemas: Record<string, JsonSchema>,
  strictness: number,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return ofString(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -10, max: schema.maximum ?? 1_000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -10, max: schema.maximum ?? 1_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items, schemas, strictness), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      if (properties.length === 0)
        return fc.oneof(fc.constant({}), fc.dictionary(fc.string({ maxLength: 8 }), anything, { maxKeys: 3 }));
      const shape = Object.fromEntries(properties.map(([name, one]) => [name, arbitraryOf(one, schemas, strictness)]));
      return fc.record(shape, { requiredKeys: (schema.required ?? []).filter((name) => name in shape) });
    }
    default:
      return anything;
  }
}

function ofString(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema.format === 'uuid') return fc.uuid();
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (schema.format === 'date')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  const examples = typeof schema.example === 'string' ? [schema.example] : [];
  const bounded = fc.string({
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(schema.maxLength ?? 20, 40),
    unit: 'grapheme',
  });
  return fc.oneof(bounded, fc.constantFrom(...hurtfulStrings.slice(0, 40), ...examples));
}
