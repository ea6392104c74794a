import { useState } from 'react';
import type { Explanation } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { useLive } from '../../live/live.ts';
import { tell } from '../../parts/message.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { History } from '../attributions/attribution.tsx';
import { loadMentorNames } from '../attributions/mentor-names.ts';
import { StatusTag } from '../attributions/status-tag.tsx';
import { type Choice, Decision } from './decision.tsx';
import { AboutYou, CasePage, goOnFrom } from './frame.tsx';
import { flagsOf, loadWaiting } from './load-cases.ts';
import { loadBadgeNames, orNothing } from './load-item.ts';

const rejections = [
  'self_referral',
  'duplicate',
  'not_a_new_member',
  'not_eligible',
  'suspected_fraud',
  'other',
] as const;
type Rejection = (typeof rejections)[number];

/** A recruitment that waits for approval: why it waits, what happened, approve or reject. */
export function ReviewPage({ id }: { id: string }) {
  const loaded = useLoad(`review ${id}`, async () => ({
    told: await orNothing(api.getReferralAttributionExplanation({ path: { id } })),
  }));
  const names = useLoad('mentor names', loadMentorNames);
  return (
    <Shown loaded={loaded} lines={8}>
      {({ told }) =>
        told === null ? <NoAccess /> : <One told={told} mentors={names.data ?? new Map()} loaded={loaded} />
      }
    </Shown>
  );
}

function One(given: {
  told: Explanation;
  mentors: ReadonlyMap<string, string>;
  loaded: Loaded<{ told: Explanation | null }>;
}) {
  const { told, mentors, loaded } = given;
  const { reload } = loaded;
  const { attribution } = told;
  const to = `/inbox/reviews/${attribution.id}`;
  const cases = useLoad('inbox', loadWaiting).data ?? [];
  const badges = useLoad('badge names', loadBadgeNames).data ?? new Map<string, string>();
  const [reasonCode, setReasonCode] = useState<Rejection>('duplicate');
  const [isLost, setLost] = useState(false);
  const mentor = mentors.get(attribution.mentor_id ?? '') ?? say('inbox.somebody');
  const isOpen = attribution.review_state === 'waiting';
  useLive(
    ({ type, attribution_id: of }) => of === attribution.id && /^review\.(?!requested)/.test(type) && isOpen,
    async () => {
      await loaded.refresh();
      setLost(true);
    },
  );
  const isAboutMe = attribution.mentor_id !== null && attribution.mentor_id === boot.person.mentorId;
  const decided = (
    <p className="row">
      <StatusTag attribution={attribution} />
    </p>
  );
  const choices = choicesOf(attribution.id, reasonCode, setReasonCode, () => goOnFrom(cases, to));
  return (
    <CasePage
      kind="review"
      to={to}
      cases={cases}
      intro={mentor}
      decision={
        isAboutMe && isOpen ? (
          <AboutYou />
        ) : isOpen || isLost ? (
          <Decision
            choices={choices}
            mentors={mentors}
            badges={badges}
            lost={isLost ? decided : null}
            onLost={() => {
              setLost(true);
              reload();
            }}
          />
        ) : (
          <section className="card stack" aria-labelledby="decided">
            <h2 id="decided">{say('item.decidedAs')}</h2>
            {decided}
          </section>
        )
      }
    >
      <section className="card stack" aria-labelledby="why">
        <h2 id="why">{say('item.why')}</h2>
        <ul className="stack g8">
          {flagsOf({ flags: attribution.flags }).map((flag) => (
            <li key={flag}>{say(`item.flag.${flag}`, { mentor })}</li>
          ))}
        </ul>
        <p className="sub">{say('attr.registeredOn', { day: sayDay(attribution.registered_on) })}</p>
        <p className="small">
          <Link to={`/attributions/${attribution.id}`}>{say('attr.why', { mentor })}</Link>
        </p>
      </section>
      <History told={told} mentor={mentor} />
    </CasePage>
  );
}

/** Neither can be undone: the panel says so, and shows the consequence first. */
function choicesOf(
  id: string,
  reasonCode: Rejection,
  onReasonCode: (code: Rejection) => void,
  goOn: () => void,
): Choice[] {
  const path = { id };
  const rejection = (reason: string) => ({
    reason_code: reasonCode,
    ...(reason === '' ? {} : { reason_text: reason }),
  });
  return [
    {
      name: 'approve',
      label: say('item.approve'),
      act: say('item.decide.approve'),
      isUndoable: false,
      needsReason: false,
      key: 'approve',
      foresee: async () => {
        const { consequence, missing_roles: missing = [] } = await api.previewApproveAttribution({ path });
        return { consequence, sentences: missing.length === 0 ? [] : [say('item.consequence.more')] };
      },
      decide: async () => {
        const { outcome } = await api.approveAttribution({ path });
        if (outcome === 'already_approved') return false;
        tell(say(outcome === 'approval_recorded' ? 'item.done.recorded' : 'item.done.approved'));
        goOn();
        return true;
      },
    },
    {
      name: 'reject',
      label: say('item.reject'),
      act: say('item.decide.reject'),
      isUndoable: false,
      needsReason: reasonCode === 'other',
      key: `reject ${reasonCode}`,
      more: (
        <div className="field">
          <label htmlFor="reason-code">{say('item.reasonCode')}</label>
          <select
            id="reason-code"
            className="input"
            value={reasonCode}
            onChange={(event) => onReasonCode(rejections.find((one) => one === event.target.value) ?? 'other')}
          >
            {rejections.map((one) => (
              <option key={one} value={one}>
                {say(`item.reason.${one}`)}
              </option>
            ))}
          </select>
        </div>
      ),
      foresee: async () => {
        const body = rejection(reasonCode === 'other' ? 'preview' : '');
        const { consequence } = await api.previewRejectAttribution({ path, body });
        return { consequence, sentences: [say('item.consequence.rejected')] };
      },
      decide: async (reason) => {
        const { outcome } = await api.rejectAttribution({ path, body: rejection(reason) });
        if (outcome === 'already_rejected') return false;
        tell(say('item.done.rejected'));
        goOn();
        return true;
      },
    },
  ];
}
