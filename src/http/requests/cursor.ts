import { fromBase64Url, toBase64Url } from '../../engine/encode-bytes.ts';
import { VerveError } from '../../engine/errors.ts';

/** Signs and reads cursors. Keyed, so that a cursor cannot be made by hand or moved to another list. */
export interface Cursors {
  /** Wraps a position that SQL made. */
  seal: (position: string, binding: CursorBinding) => Promise<string>;
  /** Gives the position back, or refuses with `invalid_cursor` where list, filter or caller is another. */
  open: (cursor: string, binding: CursorBinding) => Promise<string>;
}

/** What a cursor belongs to: the operation with its filter, and who asked in which organisation. */
export interface CursorBinding {
  orgId: string;
  operationId: string;
  caller: string;
  filter: Record<string, unknown>;
}

const MAC_BYTES = 16;
const MOST_CHARACTERS = 400;
const encoder = new TextEncoder();

/**
 * @param hashes the keyed hashes of the installation (`KeyRing.hashes` with purpose `cursor`): the same on every server. The
 * first signs; a cursor signed by any of them is read.
 */
export function createCursors(hashes: (orgId: string, value: string) => Promise<Uint8Array[]>): Cursors {
  async function macsOf(position: string, binding: CursorBinding): Promise<Uint8Array[]> {
    const filter = Object.entries(binding.filter)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify([binding.operationId, binding.caller, filter, position]);
    return (await hashes(binding.orgId, text)).map((hash) => hash.subarray(0, MAC_BYTES));
  }

  return {
    async seal(position, binding) {
      const [mac = new Uint8Array()] = await macsOf(position, binding);
      const bytes = new Uint8Array([...mac, ...encoder.encode(position)]);
      return toBase64Url(bytes);
    },
    async open(cursor, binding) {
      const bytes = cursor.length > MOST_CHARACTERS ? null : fromBase64Url(cursor);
      if (bytes === null || bytes.length <= MAC_BYTES) throw new VerveError('invalid_cursor');
      const position = new TextDecoder().decode(bytes.subarray(MAC_BYTES));
      const macs = await macsOf(position, binding);
      if (!macs.some((mac) => isEqual(mac, bytes.subarray(0, MAC_BYTES)))) throw new VerveError('invalid_cursor');
      return position;
    },
  };
}

/** Compares in a time that tells nothing of where they differ. */
function isEqual(mac: Uint8Array, given: Uint8Array): boolean {
  let difference = 0;
  for (let at = 0; at < MAC_BYTES; at += 1) difference |= (mac[at] ?? 0) ^ (given[at] ?? 0);
  return difference === 0;
}
