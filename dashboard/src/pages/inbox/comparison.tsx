import type { Explanation, InboxItem } from '../../../../src/client/index.ts';
import { groupCode } from '../../parts/code.tsx';
import { say, sayDay, sayMoment, type WordKey } from '../../say.ts';

/** Who has the credit beside who was named later: what differs stands on the same line. */
export function Comparison(given: { item: InboxItem; told: Explanation; mentors: ReadonlyMap<string, string> }) {
  const { item, told, mentors } = given;
  const { attribution } = told;
  const nameOf = (id: string | null): string => mentors.get(id ?? '') ?? say('inbox.somebody');
  const lines: [WordKey, string, string][] = [
    ['item.when', say('attr.registeredOn', { day: sayDay(attribution.registered_on) }), sayMoment(item.opened_at)],
    ['item.code', groupCode(attribution.code), groupCode(item.code)],
    ['item.channel', say(`channel.${attribution.channel ?? 'none'}` as WordKey), say('channel.none')],
    ['item.link', say(`attr.strength.${told.strength_of_link}`), say('item.namedByCode')],
  ];
  return (
    <section className="card flush">
      <table className="cmp">
        <caption className="vh">{say('item.compared')}</caption>
        <thead>
          <tr>
            <td />
            <th scope="col" className="first">
              {nameOf(attribution.mentor_id)} <span className="tag success">{say('item.hasNow')}</span>
            </th>
            <th scope="col">
              {nameOf(item.mentor_id)} <span className="tag outline">{say('item.namedLater')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([key, first, later]) => (
            <tr key={key}>
              <th scope="row">{say(key)}</th>
              <td className="first">{first}</td>
              <td>{later}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
