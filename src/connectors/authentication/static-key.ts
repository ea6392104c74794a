const STATIC_KEY_NAME = 'x-referral-key';

/**
 * The static key a request carries, for senders that cannot sign: the header `x-referral-key`, or `?code=` (what the
 * WebhookKey kind of Dataverse appends), or `?x-referral-key=` (its HttpQueryString kind). The header wins; null = none.
 * A plus sign that a sender put into the query as it is arrives as a blank and is read as a plus: keys hold no blanks.
 */
export function presentedKey(headers: { get(name: string): string | null }, query: URLSearchParams): string | null {
  const queried = (query.get(STATIC_KEY_NAME) ?? query.get('code'))?.replaceAll(' ', '+') ?? null;
  const presented = headers.get(STATIC_KEY_NAME) ?? queried;
  return presented === '' ? null : presented;
}

/**
 * The index of the accepted key that was presented, or null. Both sides are hashed and compared in constant time, so
 * neither the length of a key nor how much of it was right shows. Two digests are compared at least, so that an unknown
 * organisation (no accepted key) costs the same.
 */
export async function matchStaticKey(presented: string | null, accepted: readonly string[]): Promise<number | null> {
  const given = await digest(presented ?? '');
  const padded = accepted.length >= 2 ? accepted : [...accepted, ...Array<string>(2 - accepted.length).fill('')];
  const digests = await Promise.all(padded.map(digest));
  let found: number | null = null;
  digests.forEach((candidate, index) => {
    if (equalBytes(given, candidate) && index < accepted.length && accepted[index] !== '') found ??= index;
  });
  return presented === null ? null : found;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at += 1) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}
