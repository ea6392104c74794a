import { expect, test } from 'vitest';
import { csvFile } from '../dashboard/src/parts/csv-file.ts';
import { neutralise } from '../src/connectors/csv/write-csv.ts';

test('a file that the dashboard makes runs nothing in a spreadsheet, by the rule of the server’s exports', async () => {
  const cells = [
    '=1+1',
    '+47',
    '-2',
    '@SUM(A1)',
    ' =1',
    '\t=1',
    '\r=1',
    '\uff1d1',
    '\u200b@x',
    'Ola = Kari',
    'Åse',
    '',
  ];
  const text = (await csvFile([['Linje', 'Hva'], [-3, 'a "b"'], cells]).text()).replace(/^\ufeff/, '');
  const quoted = cells.map((cell) => `"${neutralise(cell)}"`).join(';');
  expect(text).toBe(`"Linje";"Hva"\r\n"-3";"a ""b"""\r\n${quoted}\r\n`);
  expect(cells.filter((cell) => neutralise(cell) !== cell)).toHaveLength(9);
});
