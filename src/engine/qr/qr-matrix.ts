import { encode } from 'uqr';

/** Share of a code that may be damaged: M ≈ 15 %, Q ≈ 25 %, H ≈ 30 %. */
export type QrLevel = 'M' | 'Q' | 'H';

/** A QR code: rows of modules, true = dark. Without quiet zone. */
export interface QrMatrix {
  /** Modules on a side. */
  size: number;
  modules: readonly (readonly boolean[])[];
}

/** Modules of white that every side needs for readers to find the code (ISO/IEC 18004). */
export const quietZone = 4;

/**
 * Encodes a link. Upper-case addresses (`HTTPS://HOST/Q/CODE`) take the compact alphanumeric mode: 25 modules at M where
 * lower case needs 29.
 * @param level M on screens (the default), Q in print, H only where something covers the middle.
 * @throws RangeError for empty text or text over 200 characters: a link of ours is shorter, and denser codes do not scan.
 */
export function makeQrMatrix(text: string, level: QrLevel = 'M'): QrMatrix {
  if (text.length === 0 || text.length > 200) throw new RangeError('A QR code holds 1 to 200 characters');
  const { size, data } = encode(text, { ecc: level, border: 0, boostEcc: false });
  return { size, modules: data };
}
