import type { Attribution } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { groupCode } from '../../parts/code.tsx';
import { tell } from '../../parts/message.tsx';
import { navigate } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { sayStatus } from '../attributions/status-tag.tsx';
import type { Choice, Foreseen } from './decision.tsx';
import type { OneItem } from './load-item.ts';

type Names = ReadonlyMap<string, string>;
type By =
  | { how: 'attach'; mentor_id: string }
  | { how: 'correct_code'; code: string }
  | { how: 'link'; attribution_id: string }
  | { how: 'dismiss' };

interface Given {
  one: OneItem;
  mentors: Names;
  /** The mentor that was chosen from all of them; '' = none yet. */
  other: string;
  onOther: (mentorId: string) => void;
  /** The recruitment that was chosen for a claim; '' = none yet. */
  recruitment: string;
  onRecruitment: (attributionId: string) => void;
  /** Leads to the next case. */
  goOn: () => void;
}

/** What a person can decide about a case, by its kind. */
export function choicesOf(given: Given): Choice[] {
  const { item, told, similar } = given.one;
  const nameOf = (id: string | null): string => given.mentors.get(id ?? '') ?? say('inbox.somebody');
  const mentor = nameOf(item.mentor_id);
  const match = (): Choice | null =>
    item.mentor_id === null
      ? null
      : choiceOf(given, { how: 'attach', mentor_id: item.mentor_id }, mentor, say('item.matchTo', { mentor }));
  const nobody = dismissal(given, say('item.noMatch'), say('item.decide.nobody'));
  switch (item.kind) {
    case 'conflict': {
      const holder = told?.attribution.mentor_id ?? null;
      const keep = say('item.decide.keep');
      const kept = holder === null ? say('item.keepAsIs') : say('item.keep', { mentor: nameOf(holder) });
      const move =
        item.mentor_id === null || item.mentor_id === holder
          ? otherOf(given)
          : {
              ...choiceOf(given, { how: 'attach', mentor_id: item.mentor_id }, mentor, say('item.moveTo', { mentor })),
              act: say('item.decide.move'),
            };
      return [dismissal(given, kept, keep), move];
    }
    case 'claim':
      return [
        given.one.candidates === null ? (match() ?? otherOf(given)) : linkOf(given, given.one.candidates),
        dismissal(given, say('item.notFound'), say('item.decide.decline')),
      ];
    case 'unknown_code':
    case 'foreign_code':
      return [
        ...similar.map(({ code, mentorId }) =>
          choiceOf(
            given,
            { how: 'correct_code', code },
            nameOf(mentorId),
            mentorId === null
              ? say('item.matchToCode', { code: groupCode(code) })
              : say('item.matchTo', { mentor: nameOf(mentorId) }),
          ),
        ),
        otherOf(given),
        nobody,
      ];
    case 'stuck_delivery':
      return [dismissal(given, say('common.closeCase'), say('common.closeCase'))];
    case 'self_referral':
      return [dismissal(given, say('item.keepAsIs'), say('item.decide.keep')), otherOf(given)];
    default: {
      const matched = match();
      return [...(matched === null ? [] : [matched]), otherOf(given), nobody];
    }
  }
}

function choiceOf(given: Given, by: By, mentor: string, label: string): Choice {
  return {
    name: by.how === 'correct_code' ? by.code : by.how,
    label,
    act: say('item.decide.match'),
    isUndoable: true,
    needsReason: true,
    key: JSON.stringify(by),
    foresee: () => foresee(given, by, mentor),
    decide: (reason) => decide(given, by, mentor, reason),
  };
}

/** Any mentor in scope, chosen from a list. */
function otherOf(given: Given): Choice {
  const { mentors, other, onOther } = given;
  const chosen = choiceOf(given, { how: 'attach', mentor_id: other }, mentors.get(other) ?? '', say('item.matchOther'));
  return {
    ...chosen,
    name: 'other',
    key: other === '' ? null : chosen.key,
    more: (
      <select
        className="input"
        aria-label={say('item.choose')}
        value={other}
        onChange={(event) => onOther(event.target.value)}
      >
        <option value="">{say('item.choose')}</option>
        {[...mentors]
          .toSorted(([, one], [, next]) => one.localeCompare(next))
          .map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
    ),
  };
}

/** The recruitment that a claim is about, known by its day and whose it is: the claim names no member. */
function linkOf(given: Given, candidates: readonly Attribution[]): Choice {
  const { mentors, recruitment, onRecruitment } = given;
  const nameOf = (id: string | null): string => mentors.get(id ?? '') ?? say('inbox.somebody');
  const about = candidates.find(({ id }) => id === recruitment);
  const mentor = nameOf(given.one.item.mentor_id ?? about?.mentor_id ?? null);
  const chosen = choiceOf(given, { how: 'link', attribution_id: recruitment }, mentor, say('item.linkTo'));
  return {
    ...chosen,
    key: about === undefined ? null : chosen.key,
    more:
      candidates.length === 0 ? (
        <p className="small sub">{say('item.noRecruitment')}</p>
      ) : (
        <select
          className="input"
          aria-label={say('item.chooseRecruitment')}
          value={recruitment}
          onChange={(event) => onRecruitment(event.target.value)}
        >
          <option value="">{say('item.chooseRecruitment')}</option>
          {candidates.map((one) => (
            <option key={one.id} value={one.id}>
              {[sayDay(one.registered_on), nameOf(one.mentor_id), sayStatus(one)].join(' · ')}
            </option>
          ))}
        </select>
      ),
  };
}

function dismissal(given: Given, label: string, act: string): Choice {
  return { ...choiceOf(given, { how: 'dismiss' }, '', label), act };
}

/** The server's answer. A preview asks for no reason of a person, and writes none. */
async function foresee({ one: { item }, mentors }: Given, by: By, mentor: string): Promise<Foreseen> {
  const { consequence, resolution } = await api.previewResolveInboxItem({
    path: { id: item.id },
    body: { ...by, reason: 'preview' },
  });
  if (resolution === 'declined') {
    const claimant = mentors.get(item.mentor_id ?? '') ?? say('inbox.somebody');
    return { consequence, sentences: [say('item.consequence.declined', { mentor: claimant })] };
  }
  if (by.how === 'dismiss') return { consequence, sentences: [say('item.consequence.closed')] };
  if (resolution === 'accepted' && by.how === 'link')
    return { consequence, sentences: [say('item.consequence.linked', { mentor })] };
  return { consequence, sentences: consequence === null ? [say('item.consequence.attached', { mentor })] : [] };
}

async function decide({ one: { item }, goOn }: Given, by: By, mentor: string, reason: string): Promise<boolean> {
  const { outcome, resolution } = await api.resolveInboxItem({ path: { id: item.id }, body: { ...by, reason } });
  if (outcome === 'already_resolved') return false;
  const done = resolution === 'reassigned' ? 'moved' : by.how === 'dismiss' ? 'closed' : 'matched';
  tell(say(`item.done.${done}`, { mentor }), () => void reopen(item.id));
  goOn();
  return true;
}

/** Undoes a decision: the case is open again, and shown. */
export async function reopen(id: string): Promise<void> {
  try {
    await api.reopenInboxItem({ path: { id }, body: { reason: say('item.undone') } });
    tell(say('item.done.reopened'));
    navigate(`/inbox/${id}`);
  } catch {
    tell(say('item.cannot'));
  }
}
