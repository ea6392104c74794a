import type { Explanation } from '../../../../src/client/index.ts';
import { CheckCircleIcon, CheckIcon, CloseIcon, ConflictIcon, ListIcon, ReviewIcon } from '../../icons.tsx';
import { say, sayShortDay, sayTime, type WordKey } from '../../say.ts';

type Entry = Explanation['history'][number];

/** The whole history in words, the log's own lines behind the technical details. */
export function History({ told, mentor }: { told: Explanation; mentor: string }) {
  // Of events only those that no fact tells.
  const entries = told.history.filter(
    ({ kind, name }) => kind !== 'event' || /^review\.|\.(credited|reassigned|removed|restored)$/.test(name),
  );
  return (
    <section className="card stack" aria-labelledby="history">
      <h2 id="history">{say('attr.history')}</h2>
      <ol className="history">
        {entries.map((entry) => {
          const { Icon, isStep } = signOf(entry);
          return (
            <li key={`${entry.at} ${entry.kind} ${entry.name}`}>
              <span className="when">
                {sayShortDay(entry.at)} <span className="small sub">{sayTime(entry.at)}</span>
              </span>
              <span className={isStep ? 'dot step' : 'dot'}>
                <Icon />
              </span>
              <span className="what">
                <b>{say(wordOf(entry), { mentor })}</b>
                {entry.is_applied === false && <span className="small sub"> {say('attr.notApplied')}</span>}
              </span>
            </li>
          );
        })}
      </ol>
      <details className="small">
        <summary>{say('attr.details')}</summary>
        <ul className="stack g4">
          {told.checks.map((check) => (
            <li key={check.text} lang="en">
              {check.section}: {check.text}
            </li>
          ))}
          {told.history.map((entry) => (
            <li key={`${entry.at} ${entry.text}`} lang="en">
              {entry.at}: {entry.text}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

/** The steps to a credit stand out; what sent it back or to somebody else does not. */
function signOf({ name }: Entry) {
  if (name.endsWith('credited')) return { Icon: CheckCircleIcon, isStep: true };
  if (name === 'registered') return { Icon: ListIcon, isStep: true };
  if (name === 'confirmed') return { Icon: CheckIcon, isStep: true };
  if (name.startsWith('review.') || name.startsWith('approv')) return { Icon: ReviewIcon, isStep: false };
  return { Icon: name.endsWith('reassigned') ? ConflictIcon : CloseIcon, isStep: false };
}

/** `recruitment.credited` is the word `attr.event.credited`, `review.approved` is `attr.review.approved`. */
function wordOf({ kind, name }: Entry): WordKey {
  const [first, second] = name.split('.');
  if (kind !== 'event') return `attr.${kind}.${name}` as WordKey;
  return `attr.${first === 'review' ? 'review' : 'event'}.${second}` as WordKey;
}
