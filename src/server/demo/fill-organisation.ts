import type { Actor } from '../../engine/actor.ts';
import type { Fact } from '../../engine/attributions/fact.ts';
import { codeAlphabet } from '../../engine/codes/generate-code.ts';
import { VerveError } from '../../engine/errors.ts';
import type { Verve } from '../../engine/verve.ts';
import { type PlannedAct, planHistory } from './plan-history.ts';
import { type PlannedMentor, planBranches, planMentors } from './plan-people.ts';
import { type Chance, createChance } from './seeded-random.ts';

/** What a demonstration is made of. The same values make the same data. */
export interface DemoPlan {
  seed: string;
  slug: string;
  name: string;
  mentorCount: number;
  dayCount: number;
  /** The midnight (UTC) at which the history ends. */
  until: Date;
}

/** What was made. */
export interface DemoResult {
  orgId: string;
  /** The user id of the organisation's administrator. */
  administratorId: string;
  branches: number;
  mentors: number;
  /** How often each kind of act was carried out. */
  acts: Record<string, number>;
}

/** The engine whose clock the demonstration moves. */
export interface DemoStage {
  verve: Verve;
  moveTo(moment: Date): void;
}

const dayMs = 86_400_000;
const slotMs = 4 * 3_600_000;
const membershipSystem: Actor = { kind: 'system', name: 'membership system' };
const demo: Actor = { kind: 'system', name: 'demo' };

/**
 * Fills a new organisation with a history, through the engine's own operations, its clock moved from act to act. Refuses
 * with `already_exists` when the organisation is there. Ids of people, branches, codes and attributions follow from the seed;
 * those that the database makes (events, facts, shares) do not.
 */
export async function fillOrganisation(
  stage: DemoStage,
  plan: DemoPlan,
  onProgress: (done: number, total: number) => void,
): Promise<DemoResult> {
  const { verve } = stage;
  const chance = createChance(plan.seed);
  const from = new Date(plan.until.getTime() - plan.dayCount * dayMs);
  const branches = planBranches(chance.branch('branches'), plan.mentorCount);
  const mentors = planMentors(chance.branch('mentors'), { ...plan, branches });
  const acts = planHistory(chance.branch('history'), { from, dayCount: plan.dayCount, mentors });

  stage.moveTo(from);
  const orgId = chance.uuid();
  const administratorId = chance.uuid();
  await verve.organisations.create({
    actor: demo,
    orgId,
    slug: plan.slug,
    name: plan.name,
    codeSecret: chance.bytes(32),
  });
  const call = { orgId, actor: demo };
  await verve.organisations.update({
    ...call,
    change: {
      linkDomains: [`verv.${plan.slug}.example`],
      brand: { colour: '#14595f' },
      settings: { rules: { review: 'flagged' }, mentors: { hasLeaderboard: true } },
    },
  });
  for (const branch of branches) await verve.branches.create({ ...call, ...branch });
  await verve.roles.grant({ ...call, userId: administratorId, role: 'org_admin' });
  for (const { branchId } of branches.filter((branch) => branch.kind === 'county')) {
    await verve.roles.grant({ ...call, userId: chance.uuid(), role: 'coordinator', branchId });
  }

  const players = createPlayers(stage, { orgId, administratorId, mentors, chance: chance.branch('players') });
  let done = 0;
  for (const slot of slotsOf(acts)) {
    await players.play(slot);
    done += slot.length;
    onProgress(done, acts.length);
  }
  await verve.clicks.flush();
  const counts: Record<string, number> = {};
  for (const act of acts) counts[act.kind] = (counts[act.kind] ?? 0) + 1;
  return { orgId, administratorId, branches: branches.length, mentors: mentors.length, acts: counts };
}

/** Acts of the same four hours, played together at the moment of the last. */
function* slotsOf(acts: readonly PlannedAct[]): Generator<PlannedAct[]> {
  let slot: PlannedAct[] = [];
  for (const act of acts) {
    const first = slot[0];
    if (first !== undefined && Math.floor(first.at.getTime() / slotMs) !== Math.floor(act.at.getTime() / slotMs)) {
      yield slot;
      slot = [];
    }
    slot.push(act);
  }
  if (slot.length > 0) yield slot;
}

/** Carries acts out, each as whoever would. */
function createPlayers(
  { verve, moveTo }: DemoStage,
  input: { orgId: string; administratorId: string; mentors: readonly PlannedMentor[]; chance: Chance },
) {
  const { orgId, administratorId, chance } = input;
  const mentors = new Map(input.mentors.map((mentor) => [mentor.mentorId, mentor]));
  /** The code that people have in their hands: the mentor's last. */
  const codes = new Map<string, { codeId: string; code: string }>();
  /** Which mentor a mistyped code was meant for. */
  const meant = new Map<string, string>();
  const reviews: { attributionId: string; since: Date }[] = [];
  const administrator: Actor = {
    kind: 'person',
    userId: administratorId,
    mentorId: null,
    roles: [{ role: 'org_admin', branchId: null }],
  };
  const system = { orgId, actor: demo };
  const asMentor = ({ mentorId, userId }: PlannedMentor) => ({
    orgId,
    actor: { kind: 'person', userId, mentorId, roles: [{ role: 'peer_mentor', branchId: null }] } satisfies Actor,
    mentorId,
  });

  async function playPerson(act: PlannedAct & { mentorId: string }): Promise<void> {
    const mentor = mentors.get(act.mentorId) as PlannedMentor;
    const self = asMentor(mentor);
    switch (act.kind) {
      case 'join': {
        const { mentorId, userId, displayName, branchId, memberId } = mentor;
        await verve.mentors.create({ ...system, mentorId, userId, displayName, branchId, memberId });
        const given = await verve.codes.getOrCreate(self);
        if ('code' in given) codes.set(mentorId, given.code);
        if (chance.happens(0.4)) await verve.mentors.setLeaderboard({ ...self, isOnLeaderboard: true });
        break;
      }
      case 'rotate': {
        const rotated = await verve.codes.rotateCode(self);
        if (rotated.outcome !== 'rotated') break;
        codes.set(act.mentorId, rotated.code);
        verve.clicks.forget({ kind: 'code', id: rotated.previous.codeId });
        break;
      }
      case 'misuse':
        await verve.codes.deactivateCode({ ...self, actor: administrator, reason: 'misused' });
        break;
      case 'leave':
      case 'pause': {
        const status = act.kind === 'leave' ? 'left' : 'paused';
        await verve.mentors.setStatus({ ...self, actor: administrator, status });
        break;
      }
      case 'claim': {
        const metOn = new Date(act.at.getTime() - 9 * dayMs).toISOString().slice(0, 10);
        const { memberId, channel } = act;
        await verve.inbox.claimRecruitment({
          ...system,
          claimant: 'mentor',
          mentorId: act.mentorId,
          memberId,
          metOn,
          channel,
        });
        break;
      }
      case 'share':
        await verve.shares.record({ ...self, channel: act.channel, sharedAt: act.at });
    }
  }

  async function playClick(act: Extract<PlannedAct, { kind: 'open' | 'press' }>): Promise<void> {
    const link = await verve.clicks.lookUp(codes.get(act.mentorId)?.code ?? '');
    if (link?.kind !== 'open') return;
    const userAgent = act.kind === 'open' ? act.userAgent : 'Mozilla/5.0 (iPhone) Safari/604.1';
    const opening = { signs: { method: 'GET', userAgent }, address: '', channel: act.channel, token: null };
    if (act.kind === 'open') await verve.clicks.recordOpening(link, opening);
    else await verve.clicks.recordJoinPress(link, opening);
  }

  function toFact(act: PlannedAct): Fact | null {
    const codeOf = (mentorId: string | null) => codes.get(mentorId ?? '')?.code ?? null;
    switch (act.kind) {
      case 'register': {
        const { registrationRef, clickedAt, channel, at } = act;
        const click = { clickId: null, clickedAt, channel };
        const code = codeOf(act.mentorId);
        return {
          kind: 'registered',
          memberId: null,
          code,
          registrationRef,
          registeredAt: at,
          occurredAt: at,
          source: 'api',
          click,
        };
      }
      case 'confirm':
      case 'reject':
      case 'reverse': {
        const kind = ({ confirm: 'confirmed', reject: 'rejected', reverse: 'reversed' } as const)[act.kind];
        const { memberId, registrationRef, at } = act;
        return { kind, memberId, registrationRef, code: codeOf(act.mentorId), occurredAt: at, source: 'webhook' };
      }
      case 'mistype': {
        const code = misspell(codeOf(act.mentorId) ?? '', act.place);
        meant.set(code, act.mentorId);
        return { kind: 'confirmed', memberId: act.memberId, code, occurredAt: act.at, source: 'webhook' };
      }
      default:
        return null;
    }
  }

  /** The administrator goes through what has waited for a week; about two in three cases are settled. */
  async function tidy(now: Date): Promise<void> {
    for (const review of reviews.splice(0)) {
      const isOld = now.getTime() - review.since.getTime() > 4 * dayMs;
      const on = { orgId, actor: administrator, attributionId: review.attributionId };
      if (!isOld) reviews.push(review);
      else if (chance.happens(0.85)) await verve.attributions.approve(on);
      else await verve.attributions.reject({ ...on, reasonCode: 'not_a_new_member' });
    }
    for (const item of await verve.inbox.list({ orgId, actor: administrator, limit: 200 })) {
      if (now.getTime() - item.openedAt.getTime() < 7 * dayMs || !chance.happens(0.65)) continue;
      const mentorId = meant.get(item.code) ?? (item.kind === 'claim' ? item.mentorId : null);
      const by = mentorId === null ? ({ how: 'dismiss' } as const) : ({ how: 'attach', mentorId } as const);
      const reason = mentorId === null ? 'Stays as it is.' : 'The mentor and the member were asked.';
      try {
        await verve.inbox.resolve({ orgId, actor: administrator, inboxItemId: item.inboxItemId, reason, by });
      } catch (error) {
        if (!(error instanceof VerveError)) throw error; // A refusal leaves the case open, as it would for a person.
      }
    }
  }

  return {
    async play(slot: readonly PlannedAct[]): Promise<void> {
      moveTo((slot.at(-1) as PlannedAct).at);
      const ofMentors = slot.filter((act) => 'mentorId' in act && act.mentorId !== null) as (PlannedAct & {
        mentorId: string;
      })[];
      for (const act of ofMentors) if (act.kind !== 'share') await playPerson(act);
      await Promise.all(ofMentors.map((act) => (act.kind === 'share' ? playPerson(act) : null)));
      await Promise.all(slot.map((act) => (act.kind === 'open' || act.kind === 'press' ? playClick(act) : null)));
      const facts = slot.map(toFact).filter((fact) => fact !== null);
      const ofPeople = facts.filter((fact) => fact.source === 'api');
      const ofSystem = facts.filter((fact) => fact.source === 'webhook');
      if (ofPeople.length > 0)
        await verve.attributions.applyFacts({ orgId, actor: { kind: 'public' }, facts: ofPeople });
      if (ofSystem.length > 0) {
        const call = { orgId, actor: membershipSystem, facts: ofSystem };
        for (const outcome of await verve.attributions.applyFacts(call)) {
          if (outcome.outcome !== 'awaitingReview') continue;
          reviews.push({ attributionId: outcome.attributionId, since: (slot.at(-1) as PlannedAct).at });
        }
      }
      if (slot.some((act) => act.kind === 'tidy')) await tidy((slot.at(-1) as PlannedAct).at);
    },
  };
}

/** The code with another character in one place. */
function misspell(code: string, place: number): string {
  const at = codeAlphabet.indexOf(code.charAt(place));
  return code.slice(0, place) + codeAlphabet.charAt((at + 7) % codeAlphabet.length) + code.slice(place + 1);
}
