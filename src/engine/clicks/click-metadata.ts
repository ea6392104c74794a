import { type FieldError, VerveError } from '../errors.ts';
import { type ShareChannel, shareChannels } from '../share/channels.ts';

/** Where the link was opened, as the app says itself; nothing is read from the device. */
export const platforms = ['ios', 'android', 'web', 'other'] as const;
export type Platform = (typeof platforms)[number];

/** What may be told about a click: a closed list, so that no fingerprint can gather there (spec §5). */
export interface ClickMetadata {
  shareChannel: ShareChannel | null; // null = not told
  platform: Platform | null;
  /** A language tag such as `nb` or `nb-NO`. */
  locale: string | null;
}

export const noMetadata: ClickMetadata = { shareChannel: null, platform: null, locale: null };

const localeForm = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$/;

/**
 * Reads click metadata as it comes over HTTP (`share_channel`, `platform`, `locale`; each may be left out or null).
 * Throws `invalid_metadata`, naming the key, for any other key or a value outside its list.
 */
export function readClickMetadata(given: unknown): ClickMetadata {
  if (given === undefined || given === null) return noMetadata;
  if (typeof given !== 'object' || Array.isArray(given))
    throw refusal([{ field: 'metadata', message: 'must be an object' }]);
  const problems: FieldError[] = [];
  const read: { -readonly [Key in keyof ClickMetadata]: ClickMetadata[Key] } = { ...noMetadata };
  for (const [key, value] of Object.entries(given)) {
    const field = `metadata.${key}`;
    if (key === 'share_channel') {
      if (value === null) continue;
      if (isOneOf(shareChannels, value)) read.shareChannel = value;
      else problems.push({ field, message: `must be one of ${shareChannels.join(', ')}` });
    } else if (key === 'platform') {
      if (value === null) continue;
      if (isOneOf(platforms, value)) read.platform = value;
      else problems.push({ field, message: `must be one of ${platforms.join(', ')}` });
    } else if (key === 'locale') {
      if (value === null) continue;
      if (typeof value === 'string' && localeForm.test(value)) read.locale = value;
      else problems.push({ field, message: 'must be a language tag such as nb or nb-NO' });
    } else {
      problems.push({ field: 'metadata', message: 'takes only share_channel, platform and locale' });
    }
  }
  if (problems.length > 0) throw refusal(problems);
  return read;
}

function isOneOf<Value extends string>(list: readonly Value[], value: unknown): value is Value {
  return (list as readonly unknown[]).includes(value);
}

function refusal(fields: readonly FieldError[]): VerveError {
  return new VerveError('invalid_metadata', 'Click metadata is a closed list.', { fields });
}

const tokenForm = /^[A-Za-z0-9._~-]{16,128}$/;

/** Whether the text can be a click token: 16 to 128 unreserved characters, made at random by whoever sends it. */
export function isClickToken(text: unknown): text is string {
  return typeof text === 'string' && tokenForm.test(text);
}
