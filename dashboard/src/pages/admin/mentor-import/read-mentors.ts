import type { Branch } from '../../../../../src/client/index.ts';

export type LineResult =
  | 'ready'
  | 'created'
  | 'known'
  | 'repeated'
  | 'nameMissing'
  | 'nameTooLong'
  | 'numberTooLong'
  | 'unknownBranch'
  | 'ambiguousBranch'
  | 'refused'
  | 'notSent';

/** A mentor as the API takes one. */
interface NewMentor {
  display_name: string;
  branch_id?: string;
  member_id?: string;
}

export interface MentorLine {
  line: number;
  name: string;
  branch: string;
  mentor: NewMentor;
  result: LineResult;
}

/** What is there before the file: branches, and mentors as `nameIn` writes them. */
export interface Present {
  branches: readonly Branch[];
  mentors: ReadonlySet<string>;
}

const headings = {
  name: ['navn', 'namn', 'name', 'display_name'],
  branch: ['lag', 'lokallag', 'branch'],
  number: ['medlemsnummer', 'medlemsnr', 'member_number', 'member_id'],
} as const;

/** A name within a branch, the same for every way to write it. */
export const nameIn = (name: string, branchId: string | null | undefined): string => `${fold(name)} ${branchId ?? ''}`;
const fold = (text: string): string => text.normalize('NFC').trim().replace(/\s+/g, ' ').toLocaleLowerCase('nb');

/** What would become of each line of a file; null = it names no column of names. */
export function readMentors(text: string, present: Present): MentorLine[] | null {
  const [head, ...rows] = readCsv(text);
  const columnOf = (names: readonly string[]): number =>
    head?.cells.findIndex((cell) => names.includes(fold(cell))) ?? -1;
  const [nameAt, branchAt, numberAt] = [headings.name, headings.branch, headings.number].map(columnOf) as [
    number,
    number,
    number,
  ];
  if (nameAt === -1) return null;
  const seen = new Set<string>();
  return rows.map(({ line, cells }) => {
    const cell = (at: number): string => (cells[at] ?? '').normalize('NFC').trim();
    const [name, branch, number] = [cell(nameAt), cell(branchAt), cell(numberAt)];
    const fitting = branch === '' ? [] : present.branches.filter((one) => fold(one.name) === fold(branch));
    const branchId = fitting[0]?.id;
    const mentor = {
      display_name: name,
      ...(branchId === undefined ? {} : { branch_id: branchId }),
      ...(number === '' ? {} : { member_id: number }),
    };
    const self = nameIn(name, branchId);
    const judge = (): LineResult => {
      if (name === '') return 'nameMissing';
      if (name.length > 200) return 'nameTooLong';
      if (number.length > 128) return 'numberTooLong';
      if (branch !== '' && branchId === undefined) return 'unknownBranch';
      if (fitting.length > 1) return 'ambiguousBranch';
      if (present.mentors.has(self)) return 'known';
      return seen.has(self) ? 'repeated' : 'ready';
    };
    const result = judge();
    if (result === 'ready') seen.add(self);
    return { line, name, branch, mentor, result };
  });
}

/** Rows that hold something, with the line on which each begins; separated by semicolon, comma or tab. */
function readCsv(text: string): { line: number; cells: string[] }[] {
  const first = text.split(/\r?\n/, 1)[0] ?? '';
  const separator = [';', '\t', ','].find((one) => first.includes(one)) ?? ';';
  const rows: { line: number; cells: string[] }[] = [];
  let [line, begun, cell, isQuoted] = [1, 1, '', false];
  let cells: string[] = [];
  const endRow = (): void => {
    cells.push(cell);
    if (cells.some((one) => one.trim() !== '')) rows.push({ line: begun, cells });
    [cells, cell] = [[], ''];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '\n') line += 1;
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (sign === '"' && cell === '') isQuoted = true;
    else if (sign === separator) {
      cells.push(cell);
      cell = '';
    } else if (sign === '\n') {
      endRow();
      begun = line;
    } else if (sign !== '\r') cell += sign;
  }
  endRow();
  return rows;
}

/** A file's text: UTF-8, or as older spreadsheets on Windows write it. */
export async function readText(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
