/** Crockford's base32 alphabet: no I, L, O (read as 1, 1, 0) and no U. */
export const codeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Characters in a code: 50 bits, five to a character. */
export const codeLength = 10;

/** Whose code it is. A mentor is the owner model `mentor`; the general engine knows others, such as `Customer`. */
export interface CodeOwner {
  ownerModel: string;
  ownerRef: string;
}

/** Everything a code is made of besides the secret. All of it is stored with the code, so a code can be made again. */
export interface CodeInput extends CodeOwner {
  orgId: string;
  /** 0 for the first code, n for the n-th rotation. */
  rotationSequence: number;
  /** 0, or k for the k-th retry after a collision. */
  attempt: number;
}

/** A code secret, ready to sign with. It cannot be read back. */
export type CodeKey = CryptoKey;

const text = new TextEncoder();

/** Signing takes a thread-pool round trip; this many are under way at once (one by one is eight times slower). */
const signaturesAtOnce = 1_000;

/** Imports an organisation's code secret as an HMAC-SHA256 key. Do it once for a secret, not once for a code. */
export function importCodeKey(secret: Uint8Array<ArrayBuffer>): Promise<CodeKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/**
 * The text that is signed: mentor id, organisation id and a suffix, ids in lower case (specification §2.1).
 * The suffix is empty for the first code, `:n` for rotation n, with `#k` appended for collision retry k.
 * An owner that is no mentor is written `model/ref`, so that no owner can take a mentor's code.
 */
function codeMessage(input: CodeInput): string {
  const owner = input.ownerModel === 'mentor' ? input.ownerRef.toLowerCase() : `${input.ownerModel}/${input.ownerRef}`;
  const rotation = input.rotationSequence === 0 ? '' : `:${input.rotationSequence}`;
  const attempt = input.attempt === 0 ? '' : `#${input.attempt}`;
  return owner + input.orgId.toLowerCase() + rotation + attempt;
}

/** Writes the top 50 bits of a digest in Crockford's base32, most significant first. */
function encodeCode(digest: Uint8Array): string {
  let code = '';
  let bits = 0;
  let held = 0;
  for (const byte of digest) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      code += codeAlphabet[(held >>> bits) & 31];
      if (code.length === codeLength) return code;
    }
    held &= (1 << bits) - 1;
  }
  throw new RangeError('A digest of at least 50 bits is needed.');
}

/** Makes one code. The same key and input always give the same code; writes nothing. */
export async function generateCode(key: CodeKey, input: CodeInput): Promise<string> {
  const digest = await crypto.subtle.sign('HMAC', key, text.encode(codeMessage(input)));
  return encodeCode(new Uint8Array(digest));
}

/** Makes many codes, in the order of the inputs. 100,000 take about half a second. */
export async function generateCodes(key: CodeKey, inputs: readonly CodeInput[]): Promise<string[]> {
  const codes: string[] = [];
  for (let start = 0; start < inputs.length; start += signaturesAtOnce) {
    const batch = inputs.slice(start, start + signaturesAtOnce);
    for (const code of await Promise.all(batch.map((input) => generateCode(key, input)))) codes.push(code);
  }
  return codes;
}
