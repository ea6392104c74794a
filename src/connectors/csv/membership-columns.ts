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
  registeredAt: 'registered_at registrert registrert_dato innmeldt innmeldt_dato innmeldingsdato innmeldingsdato',
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
  const ignored: string[] = [];
  const doubled: string[] = [];
  header.forEach((name, place) => {
    const column = KNOWN.get(normalise(name));
    if (column === undefined) {
      if (name.trim() !== '') ignored.push(name.trim());
    } else if (places.has(column)) doubled.push(name.trim());
    else places.set(column, place);
  });
  if (doubled.length > 0) {
    const message = `These columns mean the same as an earlier one: ${listed(doubled)}. Keep one of each.`;
    throw new CsvError('duplicate_columns', message, { columns: doubled, line: 1 });
  }
  if (ignored.length > 0 && !options.ignoreUnknown) throw unknownColumns(ignored);
  const missing: string[] = [];
  if (!places.has('memberId')) missing.push('medlemsnummer (external_member_id)');
  if (!places.has('status') && !options.hasDefaultStatus) missing.push('status');
  if (missing.length > 0) {
    const message = `The file has no column ${missing.join(' and no column ')}. The first line must name the columns.`;
    throw new CsvError('missing_columns', message, { columns: missing, line: 1 });
  }
  return { places, width: header.length, ignored };
}

/** Whether a column of that name is read. */
export function isKnownColumn(name: string): boolean {
  return KNOWN.has(normalise(name));
}

function unknownColumns(names: string[]): CsvError {
  const personal = names.filter(looksPersonal);
  const advice =
    personal.length > 0
      ? ` Personal data is not needed: remove ${listed(personal)} before you send the file.`
      : ' Rename or remove them, or choose to leave them out.';
  const message = `These columns are not known: ${listed(names)}.${advice}`;
  return new CsvError('unknown_columns', message, { columns: names, line: 1 });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `"${name.slice(0, 60)}"`);
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}

function normalise(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFC')
    .replaceAll(/[\s._-]+/g, '');
}
