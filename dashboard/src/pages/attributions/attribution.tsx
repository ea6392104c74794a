import type { Explanation } from '../../../../src/client/index.ts';
import { api, orNothing } from '../../api.ts';
import { CheckCircleIcon, InfoIcon, LinkIcon, WarningIcon } from '../../icons.tsx';
import { useLive } from '../../live/live.ts';
import { groupCode } from '../../parts/code.tsx';
import { copyLink } from '../../parts/copy-link.ts';
import { NoAccess } from '../../parts/no-access.tsx';
import { Heading } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say, sayDay, sayShortDay, type WordKey } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { History } from './history.tsx';
import { StatusTag } from './status-tag.tsx';

/** `told` null = there is none, or not for this person. */
async function loadOne(id: string): Promise<{ told: Explanation | null; mentor: string }> {
  const told = await orNothing(api.getReferralAttributionExplanation({ path: { id } }));
  const mentorId = told?.attribution.mentor_id ?? null;
  const mentor = mentorId === null ? null : await orNothing(api.getMentor({ path: { id: mentorId } }));
  return { told, mentor: mentor?.display_name ?? groupCode(told?.attribution.code ?? '') };
}

/** Proves a credit: who, why in one sentence, the checks it passed, and the whole history. */
export function AttributionPage({ id }: { id: string }) {
  const loaded = useLoad(`attribution ${id}`, () => loadOne(id));
  useLive((event) => event.attribution_id === id, loaded.refresh);
  return (
    <Shown loaded={loaded} lines={8}>
      {({ told, mentor }) => (told === null ? <NoAccess /> : <One told={told} mentor={mentor} />)}
    </Shown>
  );
}

function One({ told, mentor }: { told: Explanation; mentor: string }) {
  const { attribution } = told;
  return (
    <>
      <nav className="crumbs" aria-label={say('common.breadcrumbs')}>
        <Link to="/attributions">{say('nav.attributions')}</Link>
        <span aria-hidden="true">/</span>
        <span>{say('attr.registeredOn', { day: sayDay(attribution.registered_on) })}</span>
      </nav>
      <div className="pagehead">
        <div className="stack g12">
          <Heading
            title={attribution.is_credited ? say('attr.title', { mentor }) : say('attr.titleOpen', { mentor })}
          />
          <div className="row g8 wrap">
            <StatusTag attribution={attribution} />
            <span className={told.strength_of_link === 'by_order' ? 'tag warning' : 'tag outline'}>
              {say(`attr.strength.${told.strength_of_link}`)}
            </span>
            {attribution.channel !== null && (
              <span className="tag outline">{say(`channel.${attribution.channel}` as WordKey)}</span>
            )}
          </div>
        </div>
        <button type="button" className="btn neutral sm" onClick={() => void copyLink(location.href)}>
          <LinkIcon />
          {say('common.copyLink')}
        </button>
      </div>
      <div className="cols two">
        <div className="stack g24">
          <section className="card tint stack g12" aria-labelledby="why">
            <h2 id="why">{say('attr.why', { mentor })}</h2>
            <p className="lead">{say(whyOf(told), { mentor })}</p>
            <Checks told={told} />
          </section>
          <History told={told} mentor={mentor} />
        </div>
        <Facts told={told} mentor={mentor} />
      </div>
    </>
  );
}

const reasons: Readonly<Record<string, WordKey>> = {
  member: 'attr.why.member',
  registration_ref: 'attr.why.registration',
  implied: 'attr.why.codeOnly',
  code_order: 'attr.why.order',
  reassigned: 'attr.why.reassigned',
  claim: 'attr.why.claim',
};

function whyOf({ attribution }: Explanation): WordKey {
  return reasons[attribution.linked_by ?? ''] ?? 'attr.why.waiting';
}

const marks = { passed: CheckCircleIcon, noted: InfoIcon, failed: WarningIcon } as const;

/** The checks in words; the rule's place in the specification stands behind the technical details. */
function Checks({ told }: { told: Explanation }) {
  const shown = new Map(told.checks.map((check) => [`${check.rule}.${check.result}`, check]));
  return (
    <ul className="stack g8">
      {[...shown].map(([name, { rule, result }]) => {
        const Mark = marks[result];
        return (
          <li key={name} className="row">
            <Mark />
            <span>{say(`attr.rule.${rule}.${result}` as WordKey)}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Facts({ told, mentor }: { told: Explanation; mentor: string }) {
  const { attribution } = told;
  return (
    <section className="card stack" aria-labelledby="facts">
      <h2 id="facts">{say('attr.facts')}</h2>
      <dl className="facts">
        <div>
          <dt>{say('attr.mentor')}</dt>
          <dd>
            <Link to={`/mentors/${attribution.mentor_id}`}>{mentor}</Link>
          </dd>
        </div>
        <div>
          <dt>{say('item.code')}</dt>
          <dd>{groupCode(attribution.code)}</dd>
        </div>
        {(['registered', 'confirmed', 'credited'] as const).map((step) => {
          const day = attribution[`${step}_on`];
          return (
            day !== null && (
              <div key={step}>
                <dt>{say(`funnel.${step}`)}</dt>
                <dd>{sayShortDay(day)}</dd>
              </div>
            )
          );
        })}
        {told.predecessor_id !== null && (
          <div>
            <dt>{say('attr.before')}</dt>
            <dd>
              <Link to={`/attributions/${told.predecessor_id}`}>{say('attr.beforeLink')}</Link>
            </dd>
          </div>
        )}
        <div>
          <dt>{say('attr.member')}</dt>
          <dd>{attribution.new_member_id ?? say('attr.memberHidden')}</dd>
        </div>
      </dl>
    </section>
  );
}
