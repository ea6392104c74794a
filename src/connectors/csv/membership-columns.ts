import { looksPersonal } from '../personal-data-fields.ts';
import { CsvError } from './csv-error.ts';

/** What a column of a membership file can hold. */
export type MembershipColumn =
  | 'memberId'
  | 'code'
  | 'status'
  | 'occurredAt'
  | 'registeredAt'
  | 'registrationRef'
  | 'membershipType'
  | 'reason'
  | 'chapter'
  | 'eventId';

/** Column names understood, in English, bokmål and nynorsk; case, spaces, hyphens, underscores and full stops are ignored. */
const ALIASES: Record<MembershipColumn, string> = {
  memberId:
    'external_member_id member_id member_number membership_number medlemsnummer medlemsnr medlem_nr medlem_id medlem',
  code: 'referral_code code vervekode verve_kode vervar_kode ververkode kode',
  status: 'status medlemsstatus',
  occurredAt: 'occurred_at date dato confirmed_at bekreftet bekreftet_dato stadfesta betalt_dato statusdato',
  registeredAt: 'registered_at registrert registrert_dato innmeldt innmeldt_dato innmeldingsdato',
  registrationRef: 'registration_ref registration_reference registreringsreferanse registreringsref referanse',
  membershipType: 'membership_type medlemstype medlemskapstype medlemskap',
  reason: 'reason årsak grunn',
  chapter: 'chapter branch lokallag lag',
  eventId: 'event_id hendelse_id hendelsesid',
};

const KNOWN = new Map(
  Object.entries(ALIASES).flatMap(([column, names]) =>
    names.split(' ').map((name) => [normalise(name), column as MembershipColumn] as const),
  ),
);

/** Which place of a row holds which column. `ignored` are the columns that are not read. */
export interface ColumnPlaces {
  places: ReadonlyMap<MembershipColumn, number>;
  width: number;
  ignored: string[];
}

/**
 * Finds the columns of a header row. Throws `CsvError` for a column named twice, for one that is unknown (unless
 * `ignoreUnknown`: its values are then never read), and for one that is missing.
 */
export function findColumns(
  header: readonly string[],
  options: { ignoreUnknown: boolean; hasDefaultStatus: boolean },
): ColumnPlaces {
  const places = new Map<MembershipColumn, number>();
  const ignored: FoundColumn[] = [];
  const doubled: FoundColumn[] = [];
  header.forEach((text, place) => {
    const column = KNOWN.get(normalise(text));
    const found = { name: text.trim(), number: place + 1 };
    if (column === undefined) {
      if (found.name !== '') ignored.push(found);
    } else if (places.has(column)) doubled.push(found);
    else places.set(column, place);
  });
  if (doubled.length > 0) {
    const message = `A column that means the same as an earlier one: ${listed(doubled)}. Keep one of each.`;
    throw new CsvError('duplicate_columns', message, { columns: namesOf(doubled), line: 1 });
  }
  if (ignored.length > 0 && !options.ignoreUnknown) throw unknownColumns(ignored);
  const missing: string[] = [];
  if (!places.has('memberId')) missing.push('medlemsnummer (external_member_id)');
  if (!places.has('status') && !options.hasDefaultStatus) missing.push('status');
  if (missing.length > 0) {
    const message = `The file has no column ${missing.join(' and no column ')}. The first line must name the columns.`;
    throw new CsvError('missing_columns', message, { columns: missing, line: 1 });
  }
  return { places, width: header.length, ignored: namesOf(ignored) };
}

/** Whether a column of that name is read. */
export function isKnownColumn(name: string): boolean {
  return KNOWN.has(normalise(name));
}

/** A column as the file names it. */
interface FoundColumn {
  name: string;
  /** From 1. */
  number: number;
}

function namesOf(columns: readonly FoundColumn[]): string[] {
  return columns.map(({ name }) => name);
}

function unknownColumns(columns: FoundColumn[]): CsvError {
  const personal = columns.filter(({ name }) => looksPersonal(name));
  const advice =
    personal.length > 0
      ? ` Personal data is not needed: remove ${listed(personal)} before you send the file.`
      : ' Rename or remove what is not known, or choose to leave it out.';
  const message = `The first line names what is not known: ${listed(columns)}.${advice}`;
  return new CsvError('unknown_columns', message, { columns: namesOf(columns), line: 1 });
}

/** By number: in a file without a first line of names, the first line is a person's. */
function listed(columns: readonly FoundColumn[]): string {
  const shown = columns.slice(0, 10).map(({ number }) => `column ${number}`);
  return shown.join(', ') + (columns.length > shown.length ? ` and ${columns.length - shown.length} more` : '');
}

function normalise(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFC')
    .replaceAll(/[\s._-]+/g, '');
}
