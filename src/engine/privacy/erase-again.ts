import type { Actor } from '../actor.ts';
import { describeActor } from '../actor.ts';
import type { Session } from '../database.ts';
import { type Call, type EngineParts, inOrganisation } from '../parts.ts';
import { requireMay } from '../permissions.ts';
import * as erasing from './erase-repository.ts';

/** What an erasure leaves behind, as a later state of the same installation knows it. */
export interface Tombstone {
  kind: 'member' | 'mentor';
  /** Hexadecimal. */
  hash: string;
  /** Of the secret that made the hash. */
  keyId: string;
  erasedAt: Date;
}

/** Persons looked at in one round. */
const roundSize = 1_000;

/**
 * Repeats erasures that a restored backup does not know, each at the time it had: whoever the tombstone means is erased, and
 * the tombstone itself comes back, so that late facts about somebody who is not here do not bring him. Tombstones that are
 * here already are passed over: who came back after them is a new person. Safe to repeat, and to go on with.
 */
export async function eraseAgain(
  parts: EngineParts,
  erase: Record<'member' | 'mentor', (session: Session, actor: Actor, subject: string) => Promise<{ outcome: string }>>,
  { orgId, actor, tombstones }: Call & { tombstones: readonly Tombstone[] },
): Promise<{ tombstones: number; erased: number }> {
  requireMay(actor, 'person.erase');
  const within = <Result>(work: (session: Session) => Promise<Result>) => inOrganisation(parts, { orgId }, work);
  const missing = await within((session) => erasing.findMissingTombstones(session, tombstones));
  const wanted = new Map(missing.map((tombstone) => [`${tombstone.kind} ${tombstone.hash}`, tombstone]));
  const read = (kind: 'member' | 'mentor', after: string | null) =>
    within((session) => erasing.listSubjects(session, kind, after, roundSize));

  async function eraseThoseOf(kind: 'member' | 'mentor'): Promise<number> {
    const purpose = kind === 'member' ? 'member-ref' : 'erasure';
    let erased = 0;
    for (let subjects = await read(kind, null); subjects.length > 0; subjects = await readBehind(kind, subjects)) {
      for (const { subject } of subjects) {
        const hashes = await parts.keyRing.hexHashes(orgId, purpose, subject);
        const meant = hashes.map((hash) => wanted.get(`${kind} ${hash}`)).find((found) => found !== undefined);
        if (meant === undefined) continue;
        const { outcome } = await within(async (session) => {
          await erasing.setTime(session, meant.erasedAt);
          return erase[kind](session, actor, subject);
        });
        if (outcome === 'erased') erased += 1;
      }
    }
    return erased;
  }
  const readBehind = (kind: 'member' | 'mentor', subjects: readonly { id: string }[]) =>
    read(kind, subjects.at(-1)?.id ?? null);

  const erased = missing.length === 0 ? 0 : (await eraseThoseOf('member')) + (await eraseThoseOf('mentor'));
  await within(async (session) => {
    const still = await erasing.findMissingTombstones(session, missing);
    await erasing.insertKnownTombstones(session, still, describeActor(actor));
  });
  return { tombstones: missing.length, erased };
}
