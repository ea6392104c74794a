import { beforeEach, describe, expect, test } from 'vitest';
import { importMemberships, type RowResult } from '../src/connectors/csv/import-memberships.ts';
import { resultHeading, resultLine } from '../src/connectors/csv/result-file.ts';
import { hostActor } from '../src/engine/actor.ts';
import { createBulkIntake } from '../src/engine/attributions/bulk-intake.ts';
import { createFactIntake } from '../src/engine/attributions/fact-intake.ts';
import { createKeyRing } from '../src/engine/secrets/key-ring.ts';
import { addMentor, creditsOf } from './add-mentor.ts';
import { freshOrganisation, testDatabase } from './harness.ts';
import { expectAllZero } from './zero-list.ts';

const keys = await createKeyRing('a secret of the test that is long enough');
const { adminPool, database } = await testDatabase();
const intake = createFactIntake({ database, keys });
const bulk = createBulkIntake({ database, intake });
const now = new Date('2026-11-21T08:00:00Z');

let orgId: string;
let mentor: { mentorId: string; code: string };

beforeEach(async () => {
  ({ orgId } = await freshOrganisation());
  mentor = await addMentor(orgId);
});

async function* fileOf(text: string) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}
const run = async (text: string, isPreview = false) => {
  const rows: RowResult[] = [];
  const options = { timeZone: 'Europe/Oslo', now, sourceRef: 'import' };
  const onRow = (row: RowResult) => void rows.push(row);
  const report = await importMemberships(bulk, {
    orgId,
    actor: hostActor,
    source: fileOf(text),
    options,
    isPreview,
    onRow,
  });
  return { report, rows, results: rows.map((row) => `${row.line}:${row.result}`) };
};
const tables = [
  'sources',
  'attribution_facts',
  'referral_attributions',
  'referral_events',
  'inbox_items',
  'mentor_totals',
];
const sizes = async () => {
  const counts = await Promise.all(
    tables.map((table) =>
      adminPool.query(`select count(*)::int as count from verve.${table} where org_id = $1`, [orgId]),
    ),
  );
  return counts.map(({ rows }) => rows[0].count as number);
};

const header = 'medlemsnummer;vervekode;status;dato\n';
const confirmedLines = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `${from + at};${mentor.code};bekreftet;20.11.2026 13:45\n`).join('');

describe('an import', () => {
  test('credits, and says of each line what became of it', async () => {
    const text = `${header}1;${mentor.code};bekreftet;20.11.2026\n2;${mentor.code};innmeldt;\n3;${mentor.code};avvist;\n4;;bekreftet;\n5;UKJENT1234;bekreftet;\n6;${mentor.code};kanskje;\n1;${mentor.code};bekreftet;20.11.2026\n1;${mentor.code};omgjort;21.11.2026\n`;
    const { report, results } = await run(text);
    expect(results).toEqual([
      '2:confirmed',
      '3:registered',
      '4:unmatched',
      '5:unmatched',
      '6:unmatched',
      '7:unknown_status',
      '8:alreadyConfirmed',
      '9:reversed',
    ]);
    expect(report.counts).toMatchObject({
      seen: 8,
      credited: 1,
      changed: 2,
      toInbox: 1,
      waiting: 2,
      failed: 1,
      alreadyKnown: 1,
    });
    await expectAllZero(adminPool, orgId);
  });

  test('previewed says the same and writes nothing', async () => {
    const text = `${header}${confirmedLines(30)}99;UKJENT1234;bekreftet;\n`;
    const before = await sizes();
    const preview = await run(text, true);
    expect(await sizes()).toEqual(before);
    const real = await run(text);
    expect(preview.rows).toEqual(real.rows);
    expect(preview.report).toEqual({ ...real.report, isPreview: true });
  });

  test('previewed says when a member of an earlier part of the file comes again', async () => {
    const text = `${header}${confirmedLines(1600)}0;${mentor.code};bekreftet;20.11.2026 13:45\n`;
    expect((await run(text, true)).results.at(-1)).toBe('1602:repeatedInFile');
  });

  test('of the same file again finds everything known and writes nothing', async () => {
    const text = header + confirmedLines(1200);
    expect((await run(text)).report.counts.credited).toBe(1200);
    const before = await sizes();
    expect((await run(text)).report.counts).toMatchObject({ seen: 1200, credited: 0, alreadyKnown: 1200 });
    expect(await sizes()).toEqual(before);
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(1200);
  });

  test('that breaks off keeps what was done, and goes on when it is uploaded again', async () => {
    const text = header + confirmedLines(6000);
    await expect(run(`${text}"`)).rejects.toMatchObject({ fault: 'broken_quotes', line: 6002 });
    const done = (await creditsOf(orgId)).get(mentor.mentorId) ?? 0;
    expect(done).toBeGreaterThanOrEqual(500);
    await run(text);
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(6000);
  });

  test('from several people at once credits each member once', async () => {
    const text = header + confirmedLines(700);
    const shuffled = header + confirmedLines(700).trim().split('\n').toReversed().join('\n');
    await Promise.all([run(text), run(shuffled), run(text)]);
    expect((await creditsOf(orgId)).get(mentor.mentorId)).toBe(700);
    await expectAllZero(adminPool, orgId);
  });

  test('cannot credit the mentor of another organisation, and does not say whose the code is', async () => {
    const other = await freshOrganisation();
    const theirs = await addMentor(other.orgId);
    const { rows } = await run(`${header}1;${theirs.code};bekreftet;\n`);
    expect(rows[0]).toMatchObject({ result: 'unmatched', explanation: 'Nobody has this code: see the inbox.' });
    expect((await creditsOf(other.orgId)).size).toBe(0);
  });

  test('refuses only the line that the database would refuse', async () => {
    const lines = `${confirmedLines(3)}9;${mentor.code};bekreftet;01.01.1900\n`;
    const { report } = await run(header + lines);
    expect(report.counts.seen).toBe(4);
    expect(report.counts.credited).toBeGreaterThanOrEqual(3);
  });

  test('of a file whose code column holds something else leaves one inbox item for each line, the first with suggestions', async () => {
    const lines = Array.from(
      { length: 120 },
      (_, at) => `${at};${mentor.code.slice(0, 8)}${String(at).padStart(3, '0')};bekreftet;\n`,
    );
    const { report } = await run(header + lines.join(''));
    expect(report.counts).toMatchObject({ seen: 120, toInbox: 120 });
    const text = `select count(*) filter (where details -> 'suggestions' <> '[]')::int as suggested, count(*)::int as items
      from verve.inbox_items where org_id = $1`;
    const { rows } = await adminPool.query(text, [orgId]);
    expect(rows[0].items).toBe(120);
    expect(rows[0].suggested).toBeGreaterThan(0);
  });

  test('answers with a file that no spreadsheet runs', async () => {
    const { report, rows } = await run(`${header}=1+1;${mentor.code};bekreftet;\n`);
    const text = resultHeading(report) + rows.map((row) => resultLine(row, report)).join('');
    expect(text).toBe(
      `\ufeffline;external_member_id;referral_code;result;explanation\r\n2;'=1+1;${mentor.code};confirmed;Confirmed and credited.\r\n`,
    );
  });
});
