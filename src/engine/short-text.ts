/**
 * The beginning of a text that is kept for the record only: at most so many characters, as PostgreSQL counts them, and none
 * that it cannot store (control characters, half surrogate pairs).
 */
export function shortText(text: string, most: number): string {
  const storable = text.replaceAll(/\p{Cc}/gu, '').toWellFormed();
  return storable.length <= most ? storable : [...storable].slice(0, most).join('');
}
