import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CsvError } from '../src/connectors/csv/csv-error.ts';
import {
  type MembershipRow,
  type ReadMembershipsOptions,
  readMemberships,
} from '../src/connectors/csv/read-memberships.ts';
import { csvLine, neutralise } from '../src/connectors/csv/write-csv.ts';

const now = new Date('2026-11-21T08:00:00Z');

const utf8 = (text: string) => new TextEncoder().encode(text);
const windows1252 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0)); // å æ ø agree with Latin-1

async function* inPieces(bytes: Uint8Array, size = 65_536) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const readBytes = async (bytes: Uint8Array, options: Partial<ReadMembershipsOptions> = {}, size?: number) => {
  const file = await readMemberships(inPieces(bytes, size), { timeZone: 'Europe/Oslo', now, ...options });
  const rows: MembershipRow[] = [];
  for await (const row of file.rows) rows.push(row);
  return { file, rows, encoding: file.encoding() };
};
const read = (text: string, options: Partial<ReadMembershipsOptions> = {}) => readBytes(utf8(text), options);
const fault = async (text: string | Uint8Array, options: Partial<ReadMembershipsOptions> = {}) => {
  const bytes = typeof text === 'string' ? utf8(text) : text;
  return readBytes(bytes, options).then(
    () => null,
    (error: unknown) => {
      if (error instanceof CsvError) return error;
      throw error;
    },
  );
};
const problems = async (text: string, options = {}) =>
  (await read(text, options)).rows.map((row) =>
    'problem' in row ? `${row.line}:${row.problem.column}:${row.problem.code}` : row.line,
  );

describe('a file of memberships', () => {
  test('in Norwegian, as a Norwegian spreadsheet saves it, becomes facts', async () => {
    const text =
      'Medlemsnummer;Vervekode;Status;Dato;Innmeldt;Lokallag;Medlemstype;Årsak\r\n' +
      '010293;4X2MT-AAR0D;Bekreftet;20.11.2026 13:45;01.11.2026;Søndre Vestland;Hovedmedlem;\r\n';
    const { file, rows, encoding } = await readBytes(windows1252(text), { sourceRef: 'import-1' });
    expect(file.delimiter).toBe(';');
    expect(encoding).toBe('windows-1252');
    expect(rows).toEqual([
      {
        line: 2,
        fact: {
          kind: 'confirmed',
          memberId: '010293',
          code: '4X2MT-AAR0D',
          registrationRef: null,
          registeredAt: new Date('2026-10-31T23:00:00Z'),
          occurredAt: new Date('2026-11-20T12:45:00Z'),
          membershipType: 'Hovedmedlem',
          reason: null,
          source: 'import',
          sourceRef: 'import-1',
        },
      },
    ]);
  });

  test.each([
    ['a comma', 'external_member_id,status\n1,confirmed\n', ','],
    ['a semicolon', 'external_member_id;status\n1;confirmed\n', ';'],
    ['a tab', 'external_member_id\tstatus\n1\tconfirmed\n', '\t'],
    ['one named in a first line', 'sep=;\nexternal_member_id;status\n1;confirmed\n', ';'],
  ])('may be divided by %s', async (_title, text, delimiter) => {
    const { file, rows } = await read(text);
    expect(file.delimiter).toBe(delimiter);
    expect(rows).toMatchObject([{ fact: { memberId: '1', kind: 'confirmed' } }]);
  });

  test('is read the same in every encoding and however it is cut', async () => {
    const text = 'medlemsnummer;status;lokallag\n1;bekreftet;Ås\n"2";avvist;"Bø; nær ""Å"""\n3;påmeldt;Ø\n';
    const utf16 = new Uint8Array([
      0xff,
      0xfe,
      ...new Uint8Array(Uint16Array.from(text, (c) => c.charCodeAt(0)).buffer),
    ]);
    const expected = (await read(text)).rows;
    expect(expected).toHaveLength(3);
    for (const [bytes, name] of [
      [utf8(text), 'utf-8'],
      [utf8(`\ufeff${text}`), 'utf-8'],
      [windows1252(text), 'windows-1252'],
      [utf16, 'utf-16le'],
    ] as const) {
      for (let size = 1; size <= bytes.length; size += 1) {
        const { rows, encoding } = await readBytes(bytes, {}, size);
        expect(rows).toEqual(expected);
        expect(encoding).toBe(name);
      }
    }
  });

  test('that mixes encodings is refused', async () => {
    const mixed = new Uint8Array([...utf8('medlemsnummer;status;lokallag\n1;bekreftet;Ås\n2;bekreftet;'), 0xc5, 0x73]);
    for (let size = 1; size <= mixed.length; size += 1) {
      await expect(readBytes(mixed, {}, size)).rejects.toMatchObject({ fault: 'mixed_encoding' });
    }
  });

  test('may lack dates: the time of the import stands in', async () => {
    expect((await read('medlemsnummer;status\n1;bekreftet')).rows).toMatchObject([{ fact: { occurredAt: now } }]);
  });

  test('with a date only counts that day to its end, for a registration from its start', async () => {
    const { rows } = await read('medlemsnummer;status;dato\n1;bekreftet;20.11.2026\n2;innmeldt;20.11.2026\n');
    expect(rows).toMatchObject([
      { fact: { occurredAt: new Date('2026-11-20T22:59:59.999Z') } },
      { fact: { occurredAt: new Date('2026-11-19T23:00:00Z') } },
    ]);
  });

  test('may use words of its own for the status, and none where all rows mean the same', async () => {
    const own = await read('medlemsnummer;status\n1;Aktiv', { statusMap: { aktiv: 'confirmed' } });
    expect(own.rows).toMatchObject([{ fact: { kind: 'confirmed' } }]);
    expect((await read('medlemsnummer\n1', { defaultStatus: 'confirmed' })).rows).toMatchObject([
      { fact: { kind: 'confirmed' } },
    ]);
  });

  test('may leave a member number out only for a registration with a code', async () => {
    expect(await problems('medlemsnummer;vervekode;status\n;4X2MTAAR0D;innmeldt\n;4X2MTAAR0D;bekreftet\n')).toEqual([
      2,
      '3:memberId:missing',
    ]);
  });

  test('says line by line what is wrong, and reads the rest', async () => {
    const text = [
      'medlemsnummer;status;dato',
      '1;bekreftet;20.11.2026',
      '2;aktiv;20.11.2026',
      '3;bekreftet;20/11/2026',
      '4;bekreftet;20.11.2062',
      ';bekreftet;20.11.2026',
      '6;;20.11.2026',
      '',
      ';;',
      '7;bekreftet;20.11.2026;x',
      `${'8'.repeat(129)};bekreftet;20.11.2026`,
      '9;bekreftet',
    ].join('\n');
    expect(await problems(text)).toEqual([
      2,
      '3:status:unknown_status',
      '4:occurredAt:unreadable_date',
      '5:occurredAt:in_the_future',
      '6:memberId:missing',
      '7:status:missing',
      '10:null:column_count',
      '11:memberId:invalid',
      12,
    ]);
  });

  test.each([
    [`${'8'.repeat(129)};;bekreftet;`, 'The member number is longer than 128 characters'],
    [`8;${'x'.repeat(65)};bekreftet;`, 'The referral code is longer than 64 characters'],
    ['8;;bekreftet;a\u0001b', 'The reason is longer than 64 characters or holds a control character'],
  ])('names the value that cannot be taken', async (row, sentence) => {
    const { rows } = await read(`medlemsnummer;vervekode;status;årsak\n${row}\n`);
    expect(rows).toMatchObject([{ problem: { message: expect.stringContaining(sentence) } }]);
  });

  test.each([
    ['nothing', '', 'empty_file', 'The file is empty.'],
    ['an Excel workbook', 'PK\u0003\u0004', 'is_a_workbook', 'Save it as "CSV UTF-8"'],
    ['one column twice', 'medlemsnummer;status;Medlemsnr\n', 'duplicate_columns', 'earlier one: column 3'],
    ['personal data', 'medlemsnummer;status;Fornavn;E-post\n', 'unknown_columns', 'remove column 3, column 4 before'],
    ['a column nobody knows', 'medlemsnummer;status;farge\n', 'unknown_columns', 'column 3'],
    ['no member number', 'status;dato\n', 'missing_columns', 'medlemsnummer (external_member_id)'],
    ['no status', 'medlemsnummer;dato\n', 'missing_columns', 'status'],
    ['no header', '10293;bekreftet\n', 'unknown_columns', 'not known: column 1'],
    ['an open quotation mark', 'medlemsnummer;status\n1;"bekreftet\n2;bekreftet\n', 'broken_quotes', 'line'],
  ])('with %s is refused with advice', async (_title, text, code, advice) => {
    const error = await fault(text);
    expect(error?.fault).toBe(code);
    expect(error?.message).toContain(advice);
  });

  test('may leave out unknown columns where the caller chose so, and names them', async () => {
    const { file, rows } = await read('medlemsnummer;status;Fornavn\n1;bekreftet;Lydia', {
      ignoreUnknownColumns: true,
    });
    expect(file.ignored).toEqual(['Fornavn']);
    expect(JSON.stringify(rows)).not.toContain('Lydia');
  });

  test('of 100,000 rows is read in seconds without holding it', async () => {
    async function* rows() {
      yield utf8('medlemsnummer;vervekode;status;dato\n');
      for (let at = 0; at < 100; at += 1) {
        let text = '';
        for (let row = 0; row < 1000; row += 1) text += `${at * 1000 + row};4X2MTAAR0D;bekreftet;20.10.2026 13:45\n`;
        yield utf8(text);
      }
    }
    const started = performance.now();
    const file = await readMemberships(rows(), { timeZone: 'Europe/Oslo', now });
    let count = 0;
    for await (const row of file.rows) if ('fact' in row) count += 1;
    expect(count).toBe(100_000);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('a written CSV', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
    ' =1',
    '\u00a0=1',
    '\u3000＝1',
    '\u200b=1',
    '\t=1',
    '\tx',
    '\rx',
    '\nx',
    '\0x',
  ])('neutralises %j', (text) => {
    expect(neutralise(text)).toBe(`'${text}`);
  });

  test.each(['Lydhør', '4X2MT-AAR0D', 'a=b', '', ' x', '10293', 'Vestland (nord)'])('leaves %j as it is', (text) => {
    expect(neutralise(text)).toBe(text);
  });

  test('writes numbers, also negative ones, dates and nothing as they are', () => {
    expect(csvLine([-3, new Date('2026-11-20T10:00:00Z'), null, true])).toBe('-3,2026-11-20T10:00:00.000Z,,true\r\n');
  });

  test('quotes what would break a line or column', () => {
    expect(csvLine(['a,b', 'c"d', 'e\nf', ' g'])).toBe('"a,b","c""d","e\nf"," g"\r\n');
    expect(csvLine(['a,b', 'c;d'], ';')).toBe('a,b;"c;d"\r\n');
  });

  test('whatever is in it, no cell starts as a formula and the reader gets the text back', async () => {
    const { parse } = await import('csv-parse/sync');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.constantFrom('=', '+', '-', '@', '＝', '\t', ' =', 'x'))),
        (cells) => {
          const rows = cells.map(([text, start]) => [`${start}${text}`, 'end']);
          const written = rows.map((row) => csvLine(row, ';')).join('');
          const parsed: string[][] = parse(written, { delimiter: ';' });
          parsed.forEach((row, at) => {
            expect(row[0]?.replace(/^'/, '')).toBe(rows[at]?.[0]?.replace(/^'/, ''));
            expect(row[0]).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
          });
          expect(parsed).toHaveLength(rows.length);
        },
      ),
    );
  });
});
