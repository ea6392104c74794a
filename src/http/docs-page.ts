import type { Document } from './openapi.ts';
import { escapeHtml } from './pages/html.ts';
import { servicePage } from './service-page.ts';
import { tags } from './tags.ts';

interface DocumentedOperation {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: { name?: string; in?: string; required?: boolean; description?: string; schema?: PlainSchema }[];
  requestBody?: { content?: Record<string, { schema?: unknown; example?: unknown }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: unknown }> }>;
}

/** The documentation as one page: from the document alone, without script, and without any request to elsewhere. */
export function docsPage(document: Document): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, DocumentedOperation>).map(([method, operation]) => ({
      path,
      method,
      operation,
    })),
  );
  const contents = Object.entries(tags)
    .map(([tag]) => `<li><a href="#${anchorOf(tag)}">${escapeHtml(tag)}</a></li>`)
    .join('');
  const sections = Object.entries(tags).map(([tag, text]) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(tag));
    const shown = own.map(({ path, method, operation }) => operationHtml(path, method, operation, document)).join('');
    return `<section><h2 id="${anchorOf(tag)}">${escapeHtml(tag)}</h2><p>${escapeHtml(text)}</p>${shown}</section>`;
  });
  return servicePage(
    'Verve API',
    `<h1>Verve API</h1><p>${escapeHtml(String(document.info.description ?? ''))}</p>
    <p>The same as a file: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). Every refusal: <a href="/problems">problems</a>.</p>
    ${gettingStarted}<nav aria-label="Contents"><ul>${contents}</ul></nav>${sections.join('')}`,
  );
}

const gettingStarted = `<h2 id="start">In five minutes</h2>
<p>Make a key with <code>verve key create</code> and send it with every request. A mentor gets a code, somebody opens its link,
and the membership system says that the new member is real:</p>
<pre>curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"mentor_id":"'$MENTOR'"}' $URL/api/v1/referral-codes         # its "code" → CODE
curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"code":"'$CODE'"}' $URL/api/v1/referral-attributions        # its "id" → CLICK
curl -X PUT -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{"new_member_id":"10293"}' $URL/api/v1/referral-attributions/$CLICK</pre>
<p>The last answers <code>"outcome": "confirmed"</code>: the mentor has the credit.</p>
<ul><li>Lists: <code>limit</code> and <code>cursor</code>, or <code>page</code> for the first 10,000 rows.</li>
<li>Every POST takes <code>Idempotency-Key</code>: the same key with the same request is carried out once; what only reads
runs each time.</li>
<li>A person of several organisations names one with <code>Verve-Organisation</code>.</li></ul>`;

function operationHtml(path: string, method: string, operation: DocumentedOperation, document: Document): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td><code>${escapeHtml(name ?? '')}</code></td><td>${escapeHtml(place ?? '')}${required ? ', required' : ''}</td><td>${escapeHtml(typeText(schema))}</td><td>${richText(description ?? '')}</td></tr>`,
  );
  const bodies = Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, { schema, example }]) =>
      `<h3>Body <span class="soft">${escapeHtml(type)}</span></h3>${schemaHtml(schema, document)}${example === undefined ? '' : `<pre>${escapeHtml(typeof example === 'string' ? example : JSON.stringify(example, null, 2))}</pre>`}`,
  );
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { description }]) => `<tr><td>${escapeHtml(status)}</td><td>${richText(description ?? '')}</td></tr>`,
  );
  const [, success] = Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2')) ?? [];
  const [answerType, answer] = Object.entries(success?.content ?? {})[0] ?? [];
  const answerFields = schemaHtml(answer?.schema, document, 'answer');
  const shape =
    answerFields === ''
      ? ''
      : `<h3>Answer <span class="soft">${escapeHtml(answerType ?? '')}</span></h3>${answerFields}`;
  return `<details id="${escapeHtml(operation.operationId ?? '')}"><summary><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code> <span class="soft">${escapeHtml(operation.summary ?? '')}</span></summary>
    <p>${richText(operation.description ?? '')}</p>
    ${parameters.length === 0 ? '' : `<table><tbody>${parameters.join('')}</tbody></table>`}${bodies.join('')}
    <table><thead><tr><th>Status</th><th>Answer</th></tr></thead><tbody>${answers.join('')}</tbody></table>${shape}</details>`;
}

/** The properties of a body or an answer, one line each; references are followed. What an answer has needs no 'required'. */
function schemaHtml(schema: unknown, document: Document, of: 'body' | 'answer' = 'body'): string {
  const resolved = resolveSchema(schema, document);
  const choices = resolved?.anyOf ?? resolved?.oneOf;
  if (choices !== undefined) {
    return choices
      .map((one) => schemaHtml(one, document, of))
      .filter((html) => html !== '')
      .join('<p>or</p>');
  }
  const properties = { ...resolved?.properties };
  for (const part of resolved?.allOf ?? []) Object.assign(properties, resolveSchema(part, document)?.properties);
  if (Object.keys(properties).length === 0) return '';
  const required = new Set(resolved?.required ?? []);
  const rows = Object.entries(properties).map(([name, property]) => {
    const one = resolveSchema(property, document);
    return `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(typeText(one))}${of === 'body' && required.has(name) ? ', required' : ''}</td><td>${richText(one?.description ?? '')}</td></tr>`;
  });
  return `<table><tbody>${rows.join('')}</tbody></table>`;
}

interface PlainSchema {
  $ref?: string;
  type?: unknown;
  enum?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  description?: string;
  properties?: Record<string, unknown>;
  anyOf?: unknown[];
  oneOf?: unknown[];
  allOf?: unknown[];
  required?: string[];
}

/** What a value may be: its choices, or its type with the limits that a caller must keep. */
function typeText(schema: PlainSchema | undefined): string {
  if (schema?.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const type = [schema?.type ?? []].flat().map(String).join(' | ');
  const { format, minimum, maximum } = schema ?? {};
  if (format !== undefined) return `${type} (${format})`;
  return minimum === undefined || maximum === undefined ? type : `${type} ${minimum}–${maximum}`;
}

function resolveSchema(schema: unknown, document: Document): PlainSchema | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const plain: PlainSchema = schema;
  const name = plain.$ref?.split('/').at(-1);
  if (name === undefined) return plain;
  return (document.components?.schemas as Record<string, PlainSchema> | undefined)?.[name];
}

function richText(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function anchorOf(tag: string): string {
  return tag.toLowerCase().replaceAll(' ', '-');
}
