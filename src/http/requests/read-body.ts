import { parseStrictJson, StrictJsonError } from '../../connectors/json/strict-json.ts';
import { VerveError } from '../../engine/errors.ts';

const MAX_DEPTH = 12;

/**
 * Reads at most `limit` bytes of a body, whatever Content-Length says, and refuses the rest with `body_too_large`.
 * The reader is cancelled as soon as the limit is passed.
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const coding = request.headers.get('content-encoding');
  if (coding !== null && coding.trim().toLowerCase() !== 'identity')
    throw new VerveError('unsupported_media_type', 'Send the body as it is, without Content-Encoding.');
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > limit) throw tooLarge(limit);
  // Servers hold a body to its declared length. It is read whole then: a stream costs twice all else that reads a request.
  if (declared <= limit) {
    const bytes = new Uint8Array(await request.arrayBuffer().catch(refuseBroken));
    if (bytes.byteLength > limit) throw tooLarge(limit);
    return bytes;
  }
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(refuseBroken);
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * Parses a JSON body strictly: application/json, UTF-8, no key twice, no NUL character (PostgreSQL cannot hold it), bounded
 * in size and depth. An empty body is `undefined`.
 */
export function parseBody(bytes: Uint8Array, contentType: string | null, maxBytes: number): unknown {
  if (bytes.byteLength === 0) return undefined;
  if (!isJson(contentType)) throw new VerveError('unsupported_media_type');
  try {
    const value = parseStrictJson(bytes, { maxBytes, maxDepth: MAX_DEPTH });
    if (holdsNul(value)) throw new VerveError('invalid_json', 'A string in the body holds the character U+0000.');
    return value;
  } catch (error) {
    if (error instanceof StrictJsonError) throw new VerveError('invalid_json', error.message);
    throw error;
  }
}

/** A sender that goes away in the middle is no fault of ours. */
function refuseBroken(cause: unknown): never {
  throw new VerveError('invalid_request', 'The body ended before it was complete.', { cause });
}

function isJson(contentType: string | null): boolean {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/json' || type === 'application/problem+json' || type === 'application/cloudevents+json';
}

/** Whether any string, also a key, holds U+0000. */
function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000');
  if (Array.isArray(value)) return value.some(holdsNul);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => key.includes('\u0000') || holdsNul(inner));
}

function tooLarge(limit: number): VerveError {
  return new VerveError('body_too_large', `A body here holds at most ${limit} bytes.`);
}
