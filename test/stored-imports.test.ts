import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { runStoredImport, runWaitingImports } from '../src/connectors/csv/run-stored-import.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { fromRoot } from './generated-files.ts';
import { testDatabase } from './harness.ts';
import { system, testVerve } from './harness-verve.ts';
import { makeSite, siteSecret } from './http-site.ts';

const header = 'medlemsnummer;vervekode;status;dato\n';
const secret = siteSecret;
const csv = { 'content-type': 'text/csv' };
/** A site whose imports wait for whoever works through them. */
const site = await makeSite({ startImport: async () => undefined });

async function tenant() {
  const made = await site.organisation();
  const owner = await addMentor(made.orgId);
  const send = (body: string, query = '', headers = {}) =>
    site.send('POST', `/api/v1/imports${query}`, { as: made.key, body, headers: { ...csv, ...headers } });
  const read = async (id: unknown) => (await site.send('GET', `/api/v1/imports/${id}`, { as: made.key })).body;
  return { ...made, owner, send, read };
}

/** Confirmations of so many members, and one line that nobody can read. */
function fileOf(code: string, members: number): string {
  const lines = Array.from({ length: members }, (_, at) => `${at};${code};bekreftet;20.11.2026\n`);
  return `${header}${lines.join('')}x;${code};kanskje;\n`;
}

describe('a long file', () => {
  test('is kept and answered at once, worked through later, and told line by line', async () => {
    const { orgId, owner, send, read } = await tenant();
    const answer = await send(fileOf(owner.code, 2500));
    expect(answer).toMatchObject({
      status: 202,
      body: { status: 'waiting', lines_done: 0, total_lines: 2501, is_preview: false, counts: {}, finished_at: null },
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/imports/${answer.body.id}`);
    expect((await creditsOf(orgId)).size).toBe(0);
    expect(await runWaitingImports(site.verve, { orgId })).toBe(1);
    expect(await read(answer.body.id)).toMatchObject({
      status: 'succeeded',
      lines_done: 2501,
      total_lines: 2501,
      counts: { seen: 2501, credited: 2500, failed: 1 },
      results: { confirmed: 2500, unknown_status: 1 },
      lines: [{ line: 2502, result: 'unknown_status' }],
    });
    expect((await creditsOf(orgId)).get(owner.mentorId)).toBe(2500);
    expect(await runWaitingImports(site.verve, { orgId })).toBe(0);
  });

  test('tried first tells what would happen, members named again included, and writes nothing', async () => {
    const { orgId, owner, send, read } = await tenant();
    const again = `${fileOf(owner.code, 2500)}1;${owner.code};bekreftet;20.11.2026\n`;
    const { body } = await send(again, '?preview=true');
    await runWaitingImports(site.verve, { orgId });
    expect(await read(body.id)).toMatchObject({
      is_preview: true,
      status: 'succeeded',
      counts: { credited: 2500, already_known: 1 },
      results: { confirmed: 2500, repeated_in_file: 1 },
    });
    expect((await creditsOf(orgId)).size).toBe(0);
  });

  test('sent twice with one Idempotency-Key is kept once; without, the second changes nothing', async () => {
    const { orgId, owner, send, read } = await tenant();
    const file = fileOf(owner.code, 2100);
    const key = { 'idempotency-key': 'once' };
    const [first, repeated] = [await send(file, '', key), await send(file, '', key)];
    expect(repeated.body.id).toBe(first.body.id);
    const second = await send(file);
    expect(await runWaitingImports(site.verve, { orgId })).toBe(2);
    expect(await read(second.body.id)).toMatchObject({ counts: { credited: 0, already_known: 2100 } });
    expect((await creditsOf(orgId)).get(owner.mentorId)).toBe(2100);
  });

  test('is worked through once by several processes at once', async () => {
    const { orgId, owner, send, read } = await tenant();
    const { body } = await send(fileOf(owner.code, 3000));
    const engines = await Promise.all(Array.from({ length: 4 }, () => testVerve({ secret })));
    const importId = String(body.id);
    const begun = await Promise.all(engines.map((verve) => runStoredImport(verve, { orgId, importId })));
    expect(begun.filter(Boolean)).toHaveLength(1);
    expect(await read(importId)).toMatchObject({ status: 'succeeded', counts: { credited: 3000 } });
  });

  test('whose quotation marks break in the middle ends with advice, and what came before stays', async () => {
    const { orgId, owner, send, read } = await tenant();
    const { body } = await send(`${fileOf(owner.code, 4000)}"1;${owner.code};bekreftet;\n`);
    await runWaitingImports(site.verve, { orgId });
    const ended = await read(body.id);
    expect(ended).toMatchObject({ status: 'failed', error_code: 'unprocessable' });
    expect(ended.error_detail).toMatch(/quotation marks/);
    expect((await creditsOf(orgId)).get(owner.mentorId)).toBe(ended.lines_done);
  });

  test('with a first line that cannot be read is refused and not kept', async () => {
    const { key, send } = await tenant();
    expect((await send(`navn;e-post\n${'1;2\n'.repeat(3000)}`)).status).toBe(422);
    expect((await site.send('GET', '/api/v1/imports', { as: key })).body).toEqual({ data: [], next_cursor: null });
  });

  test('is the organisation’s and its administrators’ alone, and leaves nothing of itself once done', async () => {
    const { orgId, owner, send, person, mentor } = await tenant();
    const { body } = await send(fileOf(owner.code, 2100));
    const path = `/api/v1/imports/${body.id}`;
    const stranger = await site.organisation();
    expect((await site.send('GET', path, { as: stranger.key })).status).toBe(404);
    for (const { token } of [await person('coordinator'), await mentor()]) {
      expect((await site.send('GET', path, { as: token })).status).toBe(403);
    }
    const { adminPool } = await testDatabase();
    const kept = async () =>
      (await adminPool.query('select sealed_file from verve.imports where org_id = $1', [orgId])).rows[0]?.sealed_file;
    expect((await kept()).includes(owner.code)).toBe(false);
    await runWaitingImports(site.verve, { orgId });
    expect(await kept()).toBeNull();
  });
});

test('an import whose process is killed again and again goes on where it was: nothing lost, nothing twice', async () => {
  const { orgId, owner, send, read } = await tenant();
  const { body } = await send(fileOf(owner.code, 12_000));
  const { appUrl } = await testDatabase();
  const seen: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const settings = JSON.stringify({ appUrl, orgId, secret, aheadSeconds: round * 61 });
    const child = spawn(process.execPath, [fromRoot('test/import-process.ts'), settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = createInterface({ input: child.stdout });
    for (let parts = 0; parts < 2; parts += 1) await once(said, 'line');
    child.kill('SIGKILL');
    await once(child, 'exit');
    seen.push(Number((await read(body.id)).lines_done));
  }
  expect(seen[0]).toBeGreaterThan(0);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBeLessThan(12_001);
  const later = await testVerve({ secret, clock: () => new Date(Date.now() + 10 * 60_000) });
  await runWaitingImports(later, { orgId });
  expect(await read(body.id)).toMatchObject({
    status: 'succeeded',
    lines_done: 12_001,
    counts: { seen: 12_001, credited: 12_000, already_known: 0, failed: 1 },
  });
  expect((await creditsOf(orgId)).get(owner.mentorId)).toBe(12_000);
});

test('a fault that never ends ends the import after several tries, with what was done', async () => {
  const { orgId, owner, send, read } = await tenant();
  const { body } = await send(fileOf(owner.code, 2100));
  for (let minutes = 0; minutes < 7; minutes += 1) {
    const verve = await testVerve({ secret, clock: () => new Date(Date.now() + minutes * 61_000) });
    await verve.imports.work.claim({ orgId, importId: null });
  }
  expect(await read(body.id)).toMatchObject({ status: 'failed', error_code: 'fault', lines_done: 0 });
  expect(await site.verve.imports.list({ orgId, actor: system })).toHaveLength(1);
});
