import { VerveError } from '../../engine/errors.ts';
import { readBytes } from '../requests/read-body.ts';

const mostBytes = 16_384;

/** Reads a form as browsers post it, at most 16 KiB. Refuses every other kind of body. */
export async function readPosted(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new VerveError('unsupported_media_type', 'Send the form.');
  return new URLSearchParams(new TextDecoder().decode(await readBytes(request, mostBytes)));
}
