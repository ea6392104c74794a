import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { settingsSchema } from '../src/engine/organisations/settings.ts';

/** Where each section of the settings is written down; its docstrings are the page's words. */
const sections = [
  { name: 'codes', file: 'organisations/settings.ts', schema: 'codeSettings' },
  { name: 'clicks', file: 'organisations/settings.ts', schema: 'clickSettings' },
  { name: 'rules', file: 'attributions/rule-settings.ts', schema: 'ruleSettingsSchema' },
  { name: 'mentors', file: 'organisations/settings.ts', schema: 'mentorSettings' },
  { name: 'share', file: 'organisations/settings.ts', schema: 'shareSettings' },
  { name: 'digest', file: 'organisations/settings.ts', schema: 'digestSettings' },
  { name: 'joinForm', file: 'organisations/settings.ts', schema: 'joinFormSettings' },
  { name: 'notice', file: 'organisations/settings.ts', schema: 'noticeSettings' },
  { name: 'retention', file: 'organisations/settings.ts', schema: 'retentionSettings' },
];

interface JsonSchema {
  type?: string;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
}

/** The page docs/settings.md: every setting of an organisation with its default, limits and meaning. */
export async function describeSettings(): Promise<string> {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' }) as JsonSchema;
  const parts: string[] = [];
  for (const { name, file, schema: constant } of sections) {
    const source = await readFile(new URL(`../src/engine/${file}`, import.meta.url), 'utf8');
    const meanings = readMeanings(source, constant);
    const rows = Object.entries(schema.properties?.[name]?.properties ?? {}).map(([key, value]) => [
      `\`${key}\``,
      `\`${JSON.stringify(value.default)}\``,
      describeValues(value),
      meanings.get(key) ?? '',
    ]);
    parts.push(`## ${name}\n\n${table(['setting', 'default', 'values', 'meaning'], rows)}`);
  }
  return `# Settings of an organisation

<!-- Written by "npm run generate" from the docstrings of src/engine/organisations/settings.ts. -->

Administrators and keys with the scope \`admin\` read and change them, over HTTP with \`PATCH /api/v1/organisations/{id}\` under
\`settings\`. In the library and in files names are as they stand here, over HTTP in snake_case (\`join_form\`, \`lifetime_days\`);
HTTP reads both. Only what is given is changed; \`null\` goes back to the default; an unknown key or a
value out of its limits is refused, and nothing changes.

${parts.join('\n\n')}

The section \`dataverse\` says where and how the membership system is read, if it is one; \`null\` = it is not.
Milestones and badges are no settings but rows of their own.
`;
}

/** The docstrings of a schema's keys, without the note about the default. */
function readMeanings(source: string, constant: string): Map<string, string> {
  const start = source.indexOf(`const ${constant} = `);
  const block = source.slice(start, source.indexOf('\n});', start));
  const meanings = new Map<string, string>();
  for (const [, comment = '', key = ''] of block.matchAll(/\n {2}\/\*\*([^*]*)\*\/\n {2}(\w+):/g)) {
    meanings.set(
      key,
      comment
        .replace(/\(Default:.*\)/s, '')
        .replace(/\s+/g, ' ')
        .replaceAll('|', '\\|')
        .trim(),
    );
  }
  return meanings;
}

function describeValues(value: JsonSchema): string {
  const nullable = value.anyOf?.some((one) => one.type === 'null');
  if (nullable) {
    const other = value.anyOf?.find((one) => one.type !== 'null') ?? {};
    return `${describeValues(other)} or \`null\``;
  }
  if (value.enum !== undefined) return value.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (value.type === 'array') return `list of ${describeValues(value.items ?? {})}`;
  if (value.type === 'integer') return `${value.minimum}–${value.maximum}`;
  if (value.type === 'boolean') return '`true`, `false`';
  if (value.type === 'object') return 'text by language: `nb`, `nn`, `en`';
  return 'text';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
