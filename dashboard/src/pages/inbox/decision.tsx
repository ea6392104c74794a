import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { Consequence } from '../../../../src/client/index.ts';
import { VerveProblem } from '../../api.ts';
import { WarningIcon } from '../../icons.tsx';
import { say } from '../../say.ts';

/** What deciding would do, as the server foresees it. */
export interface Foreseen {
  consequence: Consequence | null;
  /** What the counts do not tell. */
  sentences: readonly string[];
}

export interface Choice {
  name: string;
  label: string;
  /** What the button says: it names the act. */
  act: string;
  isUndoable: boolean;
  needsReason: boolean;
  /** What else has to be chosen with it. */
  more?: ReactNode;
  /** What is chosen so far, so that another choice is foreseen anew; null = not all is chosen yet. */
  key: string | null;
  foresee: () => Promise<Foreseen>;
  /** false = the case was decided by somebody else meanwhile. */
  decide: (reason: string) => Promise<boolean>;
}

interface Given {
  choices: readonly Choice[];
  mentors: ReadonlyMap<string, string>;
  badges: ReadonlyMap<string, string>;
  /** What has changed since the form was opened; it stays, but decides no more. */
  lost: ReactNode;
  /** Somebody else was faster. */
  onLost: () => void;
}

/** Choice, reason, consequence, act. */
export function Decision({ choices, mentors, badges, lost, onLost }: Given) {
  const [name, setName] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [isMissing, setMissing] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<VerveProblem | null>(null);
  const [isUnsent, setUnsent] = useState(false);
  const chosen = choices.find((choice) => choice.name === name);
  const foreseen = useForeseen(chosen);
  const isOver = lost !== null;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (chosen === undefined || chosen.key === null) return;
    if (chosen.needsReason && reason.trim() === '') {
      setMissing(true);
      document.getElementById('decision-reason')?.focus();
      return;
    }
    setBusy(true);
    setRefused(null);
    setUnsent(false);
    try {
      if (!(await chosen.decide(reason.trim()))) onLost();
    } catch (error) {
      if (error instanceof VerveProblem) setRefused(error);
      else setUnsent(true);
      if (error instanceof VerveProblem && error.status === 409) onLost();
    } finally {
      setBusy(false);
    }
  }

  return (
    <form className="card stack" aria-labelledby="decision" onSubmit={submit} noValidate>
      <h2 id="decision">{say('item.decision')}</h2>
      {(isOver || refused !== null) && (
        <div className="alert warning" role="alert">
          <WarningIcon />
          <span className="stack g4">
            <b>{say(isOver || refused?.status === 409 ? 'item.changed' : 'item.cannot')}</b>
            {lost}
            {refused !== null && (
              <details className="small">
                <summary>{say('attr.details')}</summary>
                <span lang="en">{refused.message}</span>
              </details>
            )}
          </span>
        </div>
      )}
      {isUnsent && (
        <p className="alert danger" role="alert">
          {say('state.error.text')}
        </p>
      )}
      <fieldset className="stack g8" disabled={isOver}>
        <legend className="vh">{say('item.chosen')}</legend>
        {choices.map((choice) => (
          <div key={choice.name} className="stack g8">
            <label className={choice.name === name ? 'radio on' : 'radio'}>
              <input
                type="radio"
                name="decision"
                checked={choice.name === name}
                onChange={() => {
                  setName(choice.name);
                  setRefused(null);
                }}
              />
              <b>{choice.label}</b>
            </label>
            {choice.name === name && choice.more}
          </div>
        ))}
      </fieldset>
      {chosen?.needsReason !== false && (
        <div className="field">
          <label htmlFor="decision-reason">{say('item.reason')}</label>
          <textarea
            id="decision-reason"
            className="input"
            rows={3}
            maxLength={500}
            value={reason}
            aria-invalid={isMissing}
            aria-describedby={isMissing ? 'decision-missing decision-help' : 'decision-help'}
            onChange={(event) => {
              setReason(event.target.value);
              setMissing(false);
            }}
          />
          {isMissing && (
            <span id="decision-missing" className="small wrong" role="alert">
              {say('item.reason.missing')}
            </span>
          )}
          <span id="decision-help" className="small sub">
            {say('item.reason.help')}
          </span>
        </div>
      )}
      <section className="tint foreseen" aria-live="polite" aria-labelledby="foreseen">
        <h3 id="foreseen">{say('item.consequence')}</h3>
        <Consequences foreseen={foreseen} isChosen={chosen?.key != null} mentors={mentors} badges={badges} />
      </section>
      <div className="stack g8 acting">
        <button
          type="submit"
          className="btn block"
          disabled={isOver || isBusy || chosen?.key == null || foreseen instanceof VerveProblem}
        >
          {chosen?.act ?? say('item.submit')}
        </button>
        {chosen !== undefined && (
          <p className="small sub">{say(chosen.isUndoable ? 'item.canMoveBack' : 'item.cannotUndo')}</p>
        )}
      </div>
    </form>
  );
}

/** What the server answers for this choice: null = not yet; a refusal = it cannot be done. */
function useForeseen(chosen: Choice | undefined): Foreseen | VerveProblem | null {
  const [state, setState] = useState<{ key: string; answer: Foreseen | VerveProblem | null } | null>(null);
  const key = chosen === undefined || chosen.key === null ? null : `${chosen.name} ${chosen.key}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is foreseen is told by `key`
  useEffect(() => {
    if (chosen === undefined || key === null) return;
    let isCurrent = true;
    const settle = (answer: Foreseen | VerveProblem | null): void => {
      if (isCurrent) setState({ key, answer });
    };
    chosen.foresee().then(settle, (error: unknown) => settle(error instanceof VerveProblem ? error : null));
    return () => {
      isCurrent = false;
    };
  }, [key]);
  return state !== null && state.key === key ? state.answer : null;
}

interface Shown {
  foreseen: Foreseen | VerveProblem | null;
  isChosen: boolean;
  mentors: ReadonlyMap<string, string>;
  badges: ReadonlyMap<string, string>;
}

function Consequences({ foreseen, isChosen, mentors, badges }: Shown) {
  if (!isChosen) return <p className="small sub">{say('item.chosen')}</p>;
  if (foreseen === null) return null;
  if (foreseen instanceof VerveProblem) return <p className="small">{say('item.cannot')}</p>;
  const { consequence, sentences } = foreseen;
  const nameOf = (id: string): string => mentors.get(id) ?? say('inbox.somebody');
  const loses = consequence?.totals.some(({ before, after }) => after < before) ?? false;
  return (
    <ul className="small stack g8">
      {consequence?.totals.map(({ mentor_id: id, before, after }) => (
        <li key={id} className="row between">
          <span>{nameOf(id)}</span>
          <b>{say('item.consequence.count', { from: before, to: after })}</b>
        </li>
      ))}
      {consequence?.badges.map(({ mentor_id: id, badge_definition_id: badge }) => (
        <li key={`${id} ${badge}`}>
          {say('item.consequence.badge', { mentor: nameOf(id), badge: badges.get(badge) ?? '' })}
        </li>
      ))}
      {loses && <li>{say('item.consequence.keeps')}</li>}
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
