import { useState } from 'react';
import type { Explanation } from '../../../../src/client/index.ts';
import { api, orNothing } from '../../api.ts';
import { boot } from '../../boot.ts';
import { SelectField } from '../../parts/field.tsx';
import { tell } from '../../parts/message.tsx';
import { NoAccess } from '../../parts/no-access.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say, sayDay } from '../../say.ts';
import { type Loaded, useLoad } from '../../use-load.ts';
import { History } from '../attributions/history.tsx';
import { loadMentorNames } from '../attributions/mentor-names.ts';
import { StatusTag } from '../attributions/status-tag.tsx';
import type { Choice } from './decision.tsx';
import { DecisionCard } from './decision-card.tsx';
import { CasePage, goOnFrom } from './frame.tsx';
import { flagsOf, loadWaiting } from './load-cases.ts';

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
  const { attribution } = told;
  const to = `/inbox/reviews/${attribution.id}`;
  const cases = useLoad('inbox', loadWaiting).data ?? [];
  const [reasonCode, setReasonCode] = useState<Rejection>('duplicate');
  const mentor = mentors.get(attribution.mentor_id ?? '') ?? say('inbox.somebody');
  const choices = choicesOf(attribution.id, reasonCode, setReasonCode, () => goOnFrom(cases, to));
  return (
    <CasePage
      kind="review"
      to={to}
      cases={cases}
      intro={mentor}
      decision={
        <DecisionCard
          isOpen={attribution.review_state === 'waiting'}
          isAboutMe={attribution.mentor_id !== null && attribution.mentor_id === boot.person.mentorId}
          choices={choices}
          mentors={mentors}
          decided={
            <p className="row">
              <StatusTag attribution={attribution} />
            </p>
          }
          isSettledBy={({ type, attribution_id: of }) => of === attribution.id && /^review\.(?!requested)/.test(type)}
          loaded={loaded}
        />
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
        <SelectField
          id="reason-code"
          label={say('item.reasonCode')}
          options={rejections}
          sayOption={(one) => say(`item.reason.${one}`)}
          value={reasonCode}
          onChange={onReasonCode}
        />
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
