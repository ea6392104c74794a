import { type ReactNode, useState } from 'react';
import type { StreamedEvent } from '../../../../src/client/index.ts';
import { InfoIcon } from '../../icons.tsx';
import { useLive } from '../../live/live.ts';
import { say } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { type Choice, Decision } from './decision.tsx';
import { loadBadgeNames } from './load-item.ts';

/** The decision, or why there is none to take: it is about oneself, or was taken. One that lost a race keeps its form. */
export function DecisionCard(given: {
  isOpen: boolean;
  isAboutMe: boolean;
  choices: readonly Choice[];
  mentors: ReadonlyMap<string, string>;
  /** How it was decided; null = not yet. */
  decided: ReactNode;
  /** Whether an event tells that somebody decided it. */
  isSettledBy: (event: StreamedEvent) => boolean;
  loaded: Pick<Loaded<unknown>, 'reload' | 'refresh'>;
}) {
  const { isOpen, isAboutMe, choices, mentors, decided, isSettledBy, loaded } = given;
  const badges = useLoad('badge names', loadBadgeNames).data ?? new Map<string, string>();
  const [isLost, setLost] = useState(false);
  useLive(
    (event) => isOpen && isSettledBy(event),
    async () => {
      await loaded.refresh();
      setLost(true);
    },
  );
  if (isOpen && isAboutMe) {
    return (
      <p className="alert">
        <InfoIcon />
        <span>{say('item.aboutYou')}</span>
      </p>
    );
  }
  if (!isOpen && !isLost) {
    return (
      <section className="card stack" aria-labelledby="decided">
        <h2 id="decided">{say('item.decidedAs')}</h2>
        {decided}
      </section>
    );
  }
  return (
    <Decision
      choices={choices}
      mentors={mentors}
      badges={badges}
      lost={isLost ? (decided ?? say('item.cannot')) : null}
      onLost={() => {
        setLost(true);
        loaded.reload();
      }}
    />
  );
}
