import { useState } from 'react';
import type { InboxItem } from '../../../../src/client/index.ts';
import { boot } from '../../boot.ts';
import { groupCode } from '../../parts/code.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say, sayDay, sayMoment, type WordKey } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { History } from '../attributions/history.tsx';
import { loadMentorNames } from '../attributions/mentor-names.ts';
import { Comparison } from './comparison.tsx';
import { DecisionCard } from './decision-card.tsx';
import { CasePage, goOnFrom } from './frame.tsx';
import { choicesOf, reopen } from './item-choices.tsx';
import { loadWaiting } from './load-cases.ts';
import { loadItem, type OneItem } from './load-item.ts';

type Names = ReadonlyMap<string, string>;

/** Decide one case well: the question, what is known, what happened, the decision and its consequence. */
export function ItemPage({ id }: { id: string }) {
  const loaded = useLoad(`inbox item ${id}`, async () => ({ one: await loadItem(id) }));
  const names = useLoad('mentor names', loadMentorNames);
  return (
    <Shown loaded={loaded} lines={8}>
      {({ one }) => (one === null ? <NoAccess /> : <One one={one} mentors={names.data ?? new Map()} loaded={loaded} />)}
    </Shown>
  );
}

function One({ one, mentors, loaded }: { one: OneItem; mentors: Names; loaded: Loaded<{ one: OneItem | null }> }) {
  const { item, told } = one;
  const to = `/inbox/${item.id}`;
  const cases = useLoad('inbox', loadWaiting).data ?? [];
  const [other, setOther] = useState('');
  const [recruitment, setRecruitment] = useState('');
  const isOpen = item.status === 'open';
  const own = boot.person.mentorId;
  const isAboutMe = own !== null && (item.mentor_id === own || told?.attribution.mentor_id === own);
  const choices = choicesOf({
    one,
    mentors,
    other,
    onOther: setOther,
    recruitment,
    onRecruitment: setRecruitment,
    goOn: () => goOnFrom(cases, to),
  });
  const isCompared = item.kind === 'conflict' && isOpen && told !== null;
  const mentor = mentors.get(told?.attribution.mentor_id ?? '') ?? say('inbox.somebody');
  return (
    <CasePage
      kind={item.kind}
      to={to}
      cases={cases}
      intro={isCompared ? say('item.conflict.intro') : undefined}
      decision={
        <DecisionCard
          isOpen={isOpen}
          isAboutMe={isAboutMe}
          choices={choices}
          mentors={mentors}
          decided={isOpen ? null : <Decided item={item} onUndo={() => void reopen(item.id).then(loaded.reload)} />}
          isSettledBy={({ type, data }) => type === 'inbox.resolved' && data.inbox_item_id === item.id}
          loaded={loaded}
        />
      }
    >
      {isCompared ? <Comparison item={item} told={told} mentors={mentors} /> : <Facts one={one} mentors={mentors} />}
      {told !== null && <History told={told} mentor={mentor} />}
    </CasePage>
  );
}

/** How it was decided, when and why. What later facts settled cannot be undone. */
function Decided({ item, onUndo }: { item: InboxItem; onUndo: () => void }) {
  return (
    <div className="stack g8">
      <p>
        {say(`item.resolution.${item.resolution}` as WordKey)}
        {item.resolved_at !== null && <span className="sub"> · {sayMoment(item.resolved_at)}</span>}
      </p>
      {item.resolution_reason !== null && <p className="sub">{item.resolution_reason}</p>}
      {item.resolution !== 'settled' && (
        <button type="button" className="btn neutral sm" onClick={onUndo}>
          {say('common.undo')}
        </button>
      )}
    </div>
  );
}

function Facts({ one: { item, told, similar }, mentors }: { one: OneItem; mentors: Names }) {
  const { met_on: metOn, channel, name } = item.details;
  const facts: [WordKey, string | undefined][] = [
    ['attr.mentor', mentors.get(item.mentor_id ?? '')],
    ['item.code', item.code === '' ? undefined : groupCode(item.code)],
    [
      'item.similar',
      similar.length === 0
        ? undefined
        : similar
            .map(({ code, mentorId }) => [groupCode(code), mentors.get(mentorId ?? '')].filter(Boolean).join(' · '))
            .join(', '),
    ],
    ['item.when', typeof metOn === 'string' ? sayDay(metOn) : undefined],
    ['item.channel', typeof channel === 'string' ? say(`channel.${channel}` as WordKey) : undefined],
    ['inbox.kind.stuck_delivery', typeof name === 'string' ? name : undefined],
    ['item.opened', sayMoment(item.opened_at)],
  ];
  return (
    <section className="card stack" aria-labelledby="facts">
      <h2 id="facts">{say('item.facts')}</h2>
      <dl className="facts">
        {facts.map(
          ([key, value]) =>
            value !== undefined && (
              <div key={key}>
                <dt>{say(key)}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {told !== null && (
        <p className="small">
          <Link to={`/attributions/${told.attribution.id}`}>{say('attr.history')}</Link>
        </p>
      )}
      {item.kind === 'stuck_delivery' && (
        <p className="small">
          <Link to="/health">{say('item.toHealth')}</Link>
        </p>
      )}
    </section>
  );
}
