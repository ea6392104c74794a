import { VerveError } from '../errors.ts';

/** A logo as it is kept: what is in the file, and of which type it is. */
export interface Logo {
  bytes: Uint8Array;
  type: string;
}

export const largestLogoBytes = 200_000;

/** By media type, whether the bytes begin as such a file does. */
const beginnings: Readonly<Record<string, (start: string) => boolean>> = {
  'image/png': (start) => start.startsWith('\x89PNG\r\n\x1a\n'),
  'image/jpeg': (start) => start.startsWith('\xff\xd8\xff'),
  'image/webp': (start) => start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP',
  'image/svg+xml': (start) => /<svg[\s>]/.test(start),
};
/** The media types that a logo may have. */
const logoTypes = Object.keys(beginnings);

/** Refuses what is no logo: another type, a file that is not what it says, more than 200 kB. */
export function requireLogo({ bytes, type }: Logo): void {
  const begins = Object.hasOwn(beginnings, type) ? beginnings[type] : undefined;
  if (begins === undefined) {
    throw new VerveError('unsupported_media_type', `A logo is one of ${logoTypes.join(', ')}.`);
  }
  if (bytes.length > largestLogoBytes) {
    throw new VerveError('body_too_large', `A logo has at most ${largestLogoBytes} bytes.`);
  }
  if (!begins(String.fromCharCode(...bytes.subarray(0, 4_096)))) {
    throw new VerveError('unprocessable', `The file is no ${type}.`);
  }
}
