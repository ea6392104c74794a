import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { StarIcon } from '../../icons.tsx';
import { Heading } from '../../parts/page.tsx';
import { Empty, Shown } from '../../parts/states.tsx';
import { say, sayDay } from '../../say.ts';
import { useLoad } from '../../use-load.ts';

async function loadBadges() {
  const mentor = boot.person.mentorId ?? '';
  const [definitions, earned] = await Promise.all([
    api.listBadgeDefinitions({ query: { limit: 200 } }),
    api.listEarnedBadges({ query: { mentor_id: mentor, limit: 200 } }),
  ]);
  const days = new Map(earned.data.map((badge) => [badge.badge_definition_id, badge.earned_on]));
  return definitions.data
    .map(({ id, name, criteria_value: count }) => ({ id, name, count, day: days.get(id) ?? null }))
    .sort((one, other) => one.count - other.count);
}

/** The organisation's badges: those that are earned with their day, the others with what they take. */
export default function BadgesPage() {
  const badges = useLoad('own badges', loadBadges);
  return (
    <>
      <Heading title={say('badges.title')} />
      <Shown loaded={badges}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={say('badges.none')} />
          ) : (
            <ul className="card flush badges">
              {list.map(({ id, name, count, day }) => (
                <li key={id} className={day === null ? 'row' : 'row earned'}>
                  <StarIcon />
                  <span className="grow">
                    <b>{name}</b>
                    <span className="small sub">
                      {day === null ? say('badges.takes', { n: count }) : say('badges.earned', { day: sayDay(day) })}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </>
  );
}
