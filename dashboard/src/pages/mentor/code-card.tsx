import { useState } from 'react';
import type { ReferralCode } from '../../../../src/client/index.ts';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { CopyIcon } from '../../icons.tsx';
import { groupCode, LargeCode } from '../../parts/code.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { copyLink } from '../../parts/copy-link.ts';
import { tell } from '../../parts/message.tsx';
import { say, sayDay, type WordKey } from '../../say.ts';
import type { OneMentor } from './load-mentor.ts';

type Act = 'rotate' | 'end' | 'reissue';
const { graceDays } = boot.organisation;

/** The code that counts now with what can be done about it, and those before it. Each act says beforehand what it does. */
export function CodeCard({ one, reload }: { one: OneMentor; reload: () => void }) {
  const [asked, setAsked] = useState<Act | null>(null);
  const { mentor, codes } = one;
  const active = codes.find(({ status }) => status === 'active') ?? null;
  const earlier = codes.filter(({ status }) => status !== 'active');
  async function act(): Promise<void> {
    if (asked === 'reissue') await api.getOrCreateReferralCode({ body: { mentor_id: mentor.id } });
    else if (active !== null && asked === 'rotate')
      await api.rotateReferralCode({ path: { id: active.id }, body: { mentor_id: mentor.id, action: 'rotate' } });
    else if (active !== null) await api.invalidateReferralCode({ path: { id: active.id } });
    setAsked(null);
    tell(say(`mentor.${asked ?? 'end'}.done`));
    reload();
  }
  return (
    <section className="card stack g12" aria-labelledby="code">
      <h2 id="code">{say('item.code')}</h2>
      {active === null ? (
        <NoCode one={one} onIssue={() => setAsked('reissue')} />
      ) : (
        <ActiveCode code={active} isChanging={mentor.status === 'active'} onAsk={setAsked} />
      )}
      {earlier.length > 0 && (
        <details className="small">
          <summary>{say('mentor.earlierCodes', { n: earlier.length })}</summary>
          <ul className="lined">
            {earlier.map((code) => (
              <EarlierCode key={code.id} code={code} />
            ))}
          </ul>
        </details>
      )}
      {asked !== null && (
        <ConfirmDialog
          title={say(`mentor.${asked}.title`, { mentor: mentor.display_name })}
          act={say(`mentor.${asked}`)}
          onAct={act}
          onClose={() => setAsked(null)}
        >
          <ul className="stack g8 bulleted">
            {consequencesOf(asked, mentor.display_name, active ?? earlier[0] ?? null).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </section>
  );
}

function ActiveCode({
  code,
  isChanging,
  onAsk,
}: {
  code: ReferralCode;
  isChanging: boolean;
  onAsk: (act: Act) => void;
}) {
  return (
    <>
      <LargeCode code={code.code} />
      <p className="small sub">{say('mentor.codeSince', { day: sayDay(code.created_at) })}</p>
      {code.url === null && <p className="small sub">{say('mentor.noLinkDomain')}</p>}
      <div className="row g8 wrap">
        <button type="button" className="btn sec sm" onClick={() => void copyLink(code.url ?? code.code)}>
          <CopyIcon />
          {say(code.url === null ? 'me.copy' : 'common.copyLink')}
        </button>
        <a className="btn neutral sm" href={`/print/${code.code}/poster`}>
          {say('channel.poster')}
        </a>
        <a className="btn neutral sm" href={`/print/${code.code}/cards`}>
          {say('more.cards')}
        </a>
      </div>
      <div className="row g8 wrap">
        {isChanging && (
          <button type="button" className="btn neutral sm" onClick={() => onAsk('rotate')}>
            {say('mentor.rotate')}
          </button>
        )}
        <button type="button" className="btn danger sm" onClick={() => onAsk('end')}>
          {say('mentor.end')}
        </button>
      </div>
    </>
  );
}

/** Why there is no code, and who makes the next one. */
function NoCode({ one: { mentor, codes }, onIssue }: { one: OneMentor; onIssue: () => void }) {
  const name = mentor.display_name;
  const why: WordKey =
    mentor.status === 'left'
      ? 'mentor.noCode.left'
      : mentor.status === 'paused'
        ? 'mentor.noCode.paused'
        : codes[0]?.status === 'invalidated'
          ? 'mentor.noCode.ended'
          : 'mentor.noCode';
  return (
    <>
      <p>{say(why, { mentor: name })}</p>
      {mentor.status === 'active' && (
        <button type="button" className="btn sm" onClick={onIssue}>
          {say('mentor.reissue')}
        </button>
      )}
    </>
  );
}

function EarlierCode({ code }: { code: ReferralCode }) {
  const until = stillCountsUntil(code);
  const ended = code.invalidated_at ?? code.rotated_at ?? code.created_at;
  const key = code.status === 'invalidated' ? 'mentor.codeEnded' : 'mentor.codeReplaced';
  return (
    <li className="row between wrap">
      <b>{groupCode(code.code)}</b>
      <span className="sub">
        {say(key, { day: sayDay(ended) })}
        {until !== null && ` ${say('mentor.codeCounts', { day: sayDay(until) })}`}
      </span>
    </li>
  );
}

/** Until when a code that has ended still counts; null = no longer. */
function stillCountsUntil(code: ReferralCode): string | null {
  const ended = code.invalidated_at ?? code.rotated_at;
  if (ended === null) return null;
  const days = code.status === 'invalidated' ? graceDays.invalidated : graceDays.rotated;
  const until = Date.parse(ended) + days * 86_400_000;
  return until > Date.now() ? new Date(until).toISOString() : null;
}

/** What an act leads to, in whole sentences, before it is carried out. */
function consequencesOf(act: Act, mentor: string, code: ReferralCode | null): string[] {
  const shown = groupCode(code?.code ?? '');
  const after = (days: number): string =>
    say(days === 0 ? 'mentor.endsAtOnce' : 'mentor.endsAfter', { n: days, code: shown });
  switch (act) {
    case 'rotate':
      return [
        say('mentor.rotate.new', { mentor }),
        after(graceDays.rotated),
        say('mentor.keeps'),
        say('item.cannotUndo'),
      ];
    case 'end':
      return [
        after(graceDays.invalidated),
        say('mentor.end.registered'),
        say('mentor.end.next', { mentor }),
        say('item.cannotUndo'),
      ];
    case 'reissue':
      return [
        say('mentor.reissue.new', { mentor }),
        ...(code === null ? [] : [say('mentor.reissue.old', { code: shown })]),
      ];
  }
}
