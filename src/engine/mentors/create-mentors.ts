import type { Session } from '../database.ts';
import { readInput } from '../input.ts';
import type { EngineParts } from '../parts.ts';
import { hashMemberIds } from './hash-member-ids.ts';
import { type NewMentorInput, newMentorSchema } from './mentor-input.ts';
import { findKnownBranches, findMentors, insertMentors, type Mentor, type NewMentor } from './repository.ts';

/** What became of the wish for a mentor. */
export type CreateMentorOutcome =
  | { outcome: 'created' | 'alreadyExists'; mentor: Mentor }
  /** The user is another mentor of the organisation already. */
  | { outcome: 'userTaken' }
  /** The branch is not one of the organisation. */
  | { outcome: 'unknownBranch' };

/** Makes mentors, set-based; what cannot be made says why, the rest is made. In the order given. */
export async function createMentors(
  parts: Pick<EngineParts, 'keyRing' | 'random'>,
  session: Session,
  inputs: readonly NewMentorInput[],
): Promise<CreateMentorOutcome[]> {
  const read = inputs.map((input) => readInput(newMentorSchema, input));
  const memberIds = read.map(({ memberId }) => memberId);
  const hashes = await hashMemberIds(parts.keyRing, session, memberIds);
  const wanted = read.map(
    ({ mentorId, userId, displayName, branchId }, place): NewMentor => ({
      mentorId: mentorId ?? parts.random.uuid(),
      userId,
      displayName,
      branchId,
      memberIdHash: hashes[place] ?? null,
    }),
  );
  const branches = await findKnownBranches(
    session,
    wanted.flatMap((mentor) => mentor.branchId ?? []),
  );
  const storable = wanted.filter((mentor) => mentor.branchId === null || branches.has(mentor.branchId));
  const stored = new Set(await insertMentors(session, storable));
  const found = await findMentors(
    session,
    storable.map((mentor) => mentor.mentorId),
  );
  const byId = new Map(found.map((mentor) => [mentor.mentorId, mentor]));
  const told = new Set<string>();
  return wanted.map((mentor) => {
    const outcome = judge(mentor, { branches, stored, byId, isAgain: told.has(mentor.mentorId) });
    told.add(mentor.mentorId);
    return outcome;
  });
}

function judge(
  wanted: NewMentor,
  seen: {
    branches: ReadonlySet<string>;
    stored: ReadonlySet<string>;
    byId: ReadonlyMap<string, Mentor>;
    isAgain: boolean;
  },
): CreateMentorOutcome {
  if (wanted.branchId !== null && !seen.branches.has(wanted.branchId)) return { outcome: 'unknownBranch' };
  const mentor = seen.byId.get(wanted.mentorId);
  if (mentor !== undefined) {
    const isNew = seen.stored.has(wanted.mentorId) && !seen.isAgain;
    return { outcome: isNew ? 'created' : 'alreadyExists', mentor };
  }
  // Not stored although no mentor here has the id: the other thing that is unique is the user.
  return { outcome: 'userTaken' };
}
