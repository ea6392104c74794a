import { lazy, Suspense, useEffect, useState } from 'react';
import { api } from '../../api.ts';
import { boot } from '../../boot.ts';
import { CopyIcon, ExpandIcon, OfflineIcon, SendIcon } from '../../icons.tsx';
import { groupCode, LargeCode } from '../../parts/code.tsx';
import { copyLink } from '../../parts/copy-link.ts';
import { Heading } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { loadProgress, type MentorProgress } from './figures.ts';
import { loadOwnCode, type OwnCode } from './own-code.ts';

const ShareDialog = lazy(() => import('./share-dialog.tsx'));

/** Have the code at hand and share it: the code first, the figures second. */
export function HomePage() {
  const code = useLoad('own code', loadOwnCode);
  const progress = useLoad('own progress', loadProgress);
  const isKept = code.data?.state === 'active' && !code.data.isOffline && !code.isBusy && !progress.isBusy;
  useEffect(() => {
    // A browser that keeps nothing shows the page all the same.
    if (isKept) import('./keep-offline.ts').then(({ keepOffline }) => keepOffline()).catch(() => undefined);
  }, [isKept]);
  return (
    <>
      <Heading title={say('me.title')} isHidden />
      <Shown loaded={code} lines={4}>
        {(own) => (own.state === 'active' ? <CodeCard own={own} /> : <EndedCard state={own.state} />)}
      </Shown>
      <Shown loaded={progress}>
        {(figures) => <FiguresCard figures={figures} code={code.data?.state === 'active' ? code.data.code : null} />}
      </Shown>
    </>
  );
}

function CodeCard({ own }: { own: OwnCode & { state: 'active' } }) {
  const [isSharing, setSharing] = useState(false);
  async function copy(): Promise<void> {
    if (!(await copyLink(own.url ?? own.code))) return;
    void api.recordShare({ body: { mentor_id: boot.person.mentorId ?? '', channel: 'copy' } }).catch(() => undefined);
  }
  return (
    <div className="stack">
      {own.isOffline && (
        <p className="strip" role="status">
          <OfflineIcon />
          {say('me.offline')}
        </p>
      )}
      <section className="card codecard" aria-labelledby="own-code">
        <div>
          <h2 id="own-code" className="sub">
            {say('me.codeLabel')}
          </h2>
          <LargeCode code={own.code} />
        </div>
        {own.qr !== null && (
          <Link className="qr" to="/me/qr" aria-label={say('me.openQr')}>
            <img src={own.qr} alt={say('me.qrAlt', { code: groupCode(own.code) })} width={264} height={264} />
          </Link>
        )}
        {own.url === null ? (
          <p className="sub">{say('me.noLinkDomain')}</p>
        ) : (
          <button type="button" className="btn block" onClick={() => setSharing(true)}>
            <SendIcon />
            {say('me.share')}
          </button>
        )}
        <div className="row g8 pair">
          <button type="button" className="btn sec grow" onClick={copy}>
            <CopyIcon />
            {say('me.copy')}
          </button>
          {own.qr !== null && (
            <Link className="btn sec grow" to="/me/qr">
              <ExpandIcon />
              {say('me.bigQr')}
            </Link>
          )}
        </div>
      </section>
      {isSharing && (
        <Suspense fallback={null}>
          <ShareDialog codeId={own.codeId} onClose={() => setSharing(false)} />
        </Suspense>
      )}
    </div>
  );
}

function EndedCard({ state }: { state: 'paused' | 'ended' }) {
  return (
    <section className="card stack g8">
      <h2>{say(`me.${state}.title`)}</h2>
      <p className="sub">{say(`me.${state}.text`)}</p>
    </section>
  );
}

function FiguresCard({ figures, code }: { figures: MentorProgress; code: string | null }) {
  if (figures.clicks === 0 && figures.registered === 0) {
    return (
      <section className="card tint stack g8 start">
        <h2>{say('me.empty.title')}</h2>
        <p>{say('me.empty.text')}</p>
        {code !== null && <a href={`/print/${code}/poster`}>{say('me.poster')}</a>}
      </section>
    );
  }
  const { next, members } = figures;
  return (
    <Link className="card figures" to="/me/recruits">
      <span className="figs">
        <Figure count={figures.clicks} label={say('me.clicks')} />
        <Figure count={figures.registered} label={say('me.registered', { n: figures.registered })} />
        <Figure count={members} label={say('me.members', { n: members })} />
      </span>
      <span className="stack g8">
        {next !== null && (
          <span className="track" aria-hidden="true">
            <span style={{ width: `${Math.round((members / next.count) * 100)}%` }} />
          </span>
        )}
        <span className="small sub">
          {next === null ? say('me.allBadges') : say('me.toNextBadge', { n: next.count - members, badge: next.name })}
        </span>
      </span>
    </Link>
  );
}

function Figure({ count, label }: { count: number; label: string }) {
  return (
    <span>
      <b>{count}</b> {label}
      <span className="vh">, </span>
    </span>
  );
}
