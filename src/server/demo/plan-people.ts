import type { Chance } from './seeded-random.ts';

/** A branch of the demonstration's tree. */
export interface PlannedBranch {
  branchId: string;
  parentId: string | null;
  name: string;
  kind: 'county' | 'local';
}

/** A mentor of the demonstration. */
export interface PlannedMentor {
  mentorId: string;
  userId: string;
  displayName: string;
  branchId: string | null; // null = belongs to the organisation itself
  memberId: string;
  /** Shares in an ordinary week. */
  zeal: number;
  /** Days from the start of the history. */
  startsOnDay: number;
  leavesOnDay: number | null; // null = stays
}

// Given names and surnames are common ones put together by chance; places are invented.
const givenNames =
  'Solveig Kari Ingrid Liv Astrid Marit Berit Anne Ragnhild Turid Sigrid Eva Randi Hilde Gro Aud Unni Wenche Bjørg Tove Ola Per Knut Arne Leif Odd Kjell Svein Terje Geir Einar Harald Sverre Tor Øystein Magne Jostein Gunnar Halvor Torleif Amina Yusuf Agnieszka Piotr Fatima Elias Nora Emma Jakob Henrik'.split(
    ' ',
  );
const surnames =
  'Fjell Dal Nes Vik Lund Berg Haugen Moen Strand Bakke Lie Myhre Solberg Eide Tveit Aasen Rud Skog Holm Engen Brekke Hagen Vang Sæther Lien Moe Foss Nygård Sand Østby Kvam Rønning Bø Helle Ask Lunde Vågen Rein Tangen Skar'.split(
    ' ',
  );
const counties =
  'Vestland Nordheim Solør Fjordane Austerdal Havøy Innmark Storvidda Sørstrand Lofthav Tindland Elvefylke'.split(' ');
const localStarts = 'Fjord Sol Lang Stor Nord Vest Elve Berg Furu Bjørke Stein Sand Hav Kvit Gran'.split(' ');
const localEnds = 'vik nes dal heim stad øy bygd sund voll ås'.split(' ');

/** Makes the tree: twelve counties at most, each with local branches, one for about ten mentors. */
export function planBranches(chance: Chance, mentorCount: number): PlannedBranch[] {
  const branches: PlannedBranch[] = [];
  const countyCount = Math.max(2, Math.min(counties.length, Math.round(mentorCount / 50)));
  for (const name of counties.slice(0, countyCount)) {
    const county: PlannedBranch = { branchId: chance.uuid(), parentId: null, name, kind: 'county' };
    branches.push(county);
    const names = new Set<string>();
    const localCount = Math.max(2, Math.round(mentorCount / countyCount / 10));
    while (names.size < localCount) names.add(chance.pick(localStarts) + chance.pick(localEnds));
    for (const local of names) {
      branches.push({ branchId: chance.uuid(), parentId: county.branchId, name: `${local} lokallag`, kind: 'local' });
    }
  }
  return branches;
}

/** Makes the mentors: most from the beginning, some later; a few leave; a fifth do most of the work. */
export function planMentors(
  chance: Chance,
  input: { mentorCount: number; dayCount: number; branches: readonly PlannedBranch[] },
): PlannedMentor[] {
  const { mentorCount, dayCount, branches } = input;
  const locals = branches.filter((branch) => branch.kind === 'local');
  const countyBranches = branches.filter((branch) => branch.kind === 'county');
  return Array.from({ length: mentorCount }, (_, i) => {
    const startsOnDay = chance.happens(0.75) ? 0 : chance.between(1, Math.floor(dayCount * 0.9));
    const leaves = chance.happens(0.07);
    const where = chance.next();
    return {
      mentorId: chance.uuid(),
      userId: chance.uuid(),
      displayName: `${chance.pick(givenNames)} ${chance.pick(surnames)}`,
      branchId: where < 0.9 ? chance.pick(locals).branchId : where < 0.98 ? chance.pick(countyBranches).branchId : null,
      memberId: `L-${100_000 + i}`,
      zeal: chance.happens(0.3) ? 0 : Math.min(6, 0.1 * chance.next() ** -0.7),
      startsOnDay,
      leavesOnDay: leaves ? chance.between(startsOnDay + 1, Math.max(startsOnDay + 1, dayCount)) : null,
    };
  });
}
