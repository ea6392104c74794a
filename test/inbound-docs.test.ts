import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isKnownColumn } from '../src/connectors/csv/membership-columns.ts';
import { readStatus } from '../src/connectors/csv/status-words.ts';
import { dataverseConfigurationSchema } from '../src/connectors/dataverse/configuration.ts';
import { neutralItemSchema } from '../src/connectors/neutral-webhook/body-schema.ts';
import { createHandler } from '../src/http/handler.ts';
import { listen } from '../src/server/listen.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { fromRoot } from './generated-files.ts';
import { system, testVerve } from './harness-verve.ts';

const page = (name: string) => readFile(fromRoot(`docs/${name}`), 'utf8');
const block = (text: string, language: string) =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
/** What stands in backticks in the first cell of each row of a page's tables. */
const firstCells = (text: string) =>
  [...text.matchAll(/^\| ([^|]*`[^|]*)\|/gm)].map(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

describe('docs/webhook-in.md', () => {
  test('shows a shell example that signs so that Verve takes it', async () => {
    const verve = await testVerve();
    const slug = `org-${randomUUID().slice(0, 8)}`;
    const { orgId } = await verve.organisations.create({ actor: system, slug, name: 'Lydhør' });
    const mentor = await addMentor(orgId);
    const secret = await verve.secrets.rotateInboundSecret({ orgId, actor: system, purpose: 'webhook_signing' });
    const server = await listen({ host: '127.0.0.1', port: 0, handler: createHandler(verve) });
    const url = `http://127.0.0.1:${server.port}/api/v1/webhooks/membership/${slug}`;
    const script = block(await page('webhook-in.md'), 'sh')
      .replace(/SECRET='whsec_…'/, `SECRET='${secret.value}'`)
      .replace(/URL='[^']*'/, `URL='${url}'`)
      .replace('3PKCM-78AQS', mentor.code);
    const { stdout } = await promisify(execFile)('bash', ['-c', script]);
    await server.close(0);
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, results: [{ result: 'confirmed' }] });
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(1);
  });

  test('names every field of the body and no other', async () => {
    const named = firstCells(await page('webhook-in.md')).flat();
    expect(named.sort()).toEqual(Object.keys(neutralItemSchema.shape).sort());
  });
});

describe('docs/dataverse.md', () => {
  test('shows a configuration that Verve takes, and explains only keys that there are', async () => {
    const text = await page('dataverse.md');
    const example = JSON.parse(block(text, 'json'));
    const parsed = dataverseConfigurationSchema().parse(example);
    const explained = firstCells(text.slice(0, text.indexOf('## 4.'))).flat();
    expect(explained.length).toBeGreaterThan(8);
    expect(explained.filter((key) => !(key in parsed))).toEqual([]);
  });
});

describe('docs/import.md', () => {
  test('names only columns and status words that Verve knows', async () => {
    const text = await page('import.md');
    const names = firstCells(text).flat();
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !isKnownColumn(name))).toEqual([]);
    const words = [...(/\| `status` *\|([^|]*)\|/.exec(text)?.[1] ?? '').matchAll(/`(\p{L}+)`/gu)].map(
      ([, word = '']) => word,
    );
    expect(words.length).toBeGreaterThan(5);
    expect(words.filter((word) => readStatus(word, new Map()) === null)).toEqual([]);
  });
});
