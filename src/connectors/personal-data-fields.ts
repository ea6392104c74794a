/**
 * Words (in English, bokmål and nynorsk) which, as a whole part of a field's name, show that it would hold personal
 * data. Such fields are never read: attribution needs none of them (spec §9).
 */
const PERSONAL = new Set(
  `name names firstname lastname fullname surname navn namn fornavn fornamn etternavn etternamn mellomnavn
   email mail epost phone mobile tel telephone telefon mobil mobilnummer telefonnummer
   address street postcode zip zipcode city adresse postadresse gate gateadresse postnr postnummer poststed
   birth birthday birthdate dob age born fodt fodselsdato fodselsar fodselsnummer fodselsnr alder
   ssn nin nationalid personnummer personnr gender sex kjonn
   health diagnosis diagnose hearing horsel iban kontonummer bankaccount ip ipaddress`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const PAIRS = new Set([
  'first_name',
  'last_name',
  'full_name',
  'e_mail',
  'e_post',
  'zip_code',
  'post_code',
  'national_id',
]);

/** Whether a field's or column's name looks as if its content were personal data. Reads camelCase, snake_case, spaces. */
export function looksPersonal(fieldName: string): boolean {
  const parts = fieldName
    .replaceAll(/([a-zæøå])([A-ZÆØÅ])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll('å', 'a')
    .replaceAll('æ', 'ae')
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
  return parts.some((part, at) => PERSONAL.has(part) || PAIRS.has(`${part}_${parts[at + 1] ?? ''}`));
}

/** A name fit to be repeated in an answer or a log: plain and short. Null where it might itself be somebody's data. */
export function repeatableName(fieldName: string): string | null {
  return /^[\p{L}_@][\p{L}\d_ .:-]{0,63}$/u.test(fieldName) && !/\d{5}/.test(fieldName) ? fieldName : null;
}
