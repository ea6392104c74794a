import { resolveMember, sourceOf } from './find.ts';
import type { InboxKind, ModelAttribution, ModelCase, World } from './world.ts';
import { ERASED } from './world.ts';

/** What a later registration answers by itself. */
const answeredByCredit: ReadonlySet<InboxKind> = new Set(['unknown_code', 'foreign_code', 'code_ended']);

/** Opens a case about a member and a code, unless there has been one (§2.8). */
export const openCase = (world: World, kind: InboxKind, memberId: string | null, code: string): void => {
  const member = memberId === null ? '' : resolveMember(world, memberId);
  const isKnown = world.cases.some((one) => one.kind === kind && one.memberId === member && one.code === code);
  if (!isKnown) addCase(world, kind, member, code);
};

/** §2.6: two credits of one member are asked about, also where a person had decided about the code before. */
export const askAboutBoth = (world: World, memberId: string, code: string): void => {
  openCase(world, 'conflict', memberId, code);
  for (const one of world.cases) {
    if (one.kind !== 'conflict' || one.memberId !== memberId || one.code !== code) continue;
    one.isOpen = true;
    one.isSettled = false;
  }
};

/** §2.19: each claim is a case of its own, about a member or about nobody. */
export const fileClaim = (world: World, memberId: string | null): void => {
  if (memberId !== null) sourceOf(world, memberId);
  addCase(world, 'claim', memberId === null ? '' : resolveMember(world, memberId), '');
};

const addCase = (world: World, kind: InboxKind, memberId: string, code: string): void => {
  const number = world.casesOpened++;
  world.cases.push({ number, kind, memberId, code, isOpen: true, isSettled: false, decided: null, undo: null });
};

/** A member who has an attribution now needs nobody to find his code. */
export const settleCases = (world: World, memberId: string): void => {
  for (const one of world.cases) {
    if (one.memberId === resolveMember(world, memberId) && answeredByCredit.has(one.kind)) settle(one);
  }
};

const settle = (one: ModelCase): void => {
  if (!one.isOpen) return;
  one.isOpen = false;
  one.isSettled = true;
};

/**
 * Two ids became one member: his cases are about him, and the same case about both is one. An open conflict that names the
 * mentor by whom the second is credited is the one that the merge opens, seen from the other side (reading R35).
 */
export const mergeCases = (world: World, from: string, to: string, standing: ModelAttribution | null): void => {
  for (const one of world.cases.filter((each) => each.memberId === from)) {
    const isDouble = world.cases.some(
      (other) => other.memberId === to && other.kind === one.kind && other.code === one.code && one.kind !== 'claim',
    );
    const isOtherSide =
      one.kind === 'conflict' &&
      one.isOpen &&
      standing !== null &&
      world.codes.get(one.code)?.mentorId === standing.mentorId;
    if (isDouble || isOtherSide) world.cases.splice(world.cases.indexOf(one), 1);
    else one.memberId = to;
  }
};

/** Nobody learns from a case who the erased member was, nor what he typed (§9). */
export const eraseFromCases = (world: World, isErased: (memberId: string) => boolean): void => {
  for (const one of world.cases.filter((each) => isErased(each.memberId))) {
    one.memberId = ERASED;
    if (!world.codes.has(one.code)) one.code = '';
  }
};
