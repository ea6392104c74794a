import { randomInt } from 'node:crypto';

/** Invented values of everything that must not leave by a side door. */
export interface Canaries {
  memberIds: string[];
  name: string;
  email: string;
  phone: string;
  address: string;
  /** A word put into every text of a request. */
  text: string;
  sessionToken: string;
  deviceToken: string;
  registrationRef: string;
  serverSecret: string;
  /** What the walk comes to know: codes, keys, tokens, secrets, user ids. */
  learned: string[];
}

export function makeCanaries(): Canaries {
  const some = () => String(randomInt(10_000_000, 99_999_999));
  return {
    memberIds: [`M${some()}`, `M${some()}`, `M${some()}`],
    name: `Kanarifugl Sang${some()}`.replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit))),
    email: `kanari.${some()}@epost.example`,
    phone: `+474${some().slice(0, 7)}`,
    address: '203.0.113.77',
    text: `kvitter${some()}`,
    sessionToken: `session-${some()}-${some()}`,
    deviceToken: `device-${some()}-${some()}`,
    registrationRef: `reference-${some()}`,
    serverSecret: `secret-${some()}-${some()}-${some()}-${some()}`,
    learned: [],
  };
}

/** Every value, as one might find it. */
export function allCanaries(canaries: Canaries): string[] {
  const { memberIds, learned, ...texts } = canaries;
  const spelled = learned.flatMap((value) =>
    /^[0-9A-Z]{10}$/.test(value) ? [`${value.slice(0, 5)}-${value.slice(5)}`] : [],
  );
  return [...memberIds, ...Object.values(texts), canaries.phone.slice(3), ...learned, ...spelled];
}

/** Which canaries a text holds, whatever their case. */
export function findCanaries(text: string, canaries: Canaries): string[] {
  const lower = text.toLowerCase();
  return allCanaries(canaries).filter((value) => lower.includes(value.toLowerCase()));
}
