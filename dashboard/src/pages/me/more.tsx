import { useState } from 'react';
import { api, VerveProblem } from '../../api.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { tell } from '../../parts/message.tsx';
import { Heading } from '../../parts/page.tsx';
import { Preferences, SignOut } from '../../parts/preferences.tsx';
import { Shown } from '../../parts/states.tsx';
import { navigate } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { loadOwnCode, type OwnCode } from './own-code.ts';

/** Poster, another code, language, light or dark, signing out. */
export default function MorePage() {
  const code = useLoad('own code', loadOwnCode);
  return (
    <>
      <Heading title={say('nav.more')} />
      <Shown loaded={code}>{(own) => (own.state === 'active' ? <CodeMatters own={own} /> : null)}</Shown>
      <section className="card">
        <Preferences />
      </section>
      <SignOut />
    </>
  );
}

function CodeMatters({ own }: { own: OwnCode & { state: 'active' } }) {
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  async function replace(): Promise<void> {
    try {
      await api.rotateReferralCode({ path: { id: own.codeId }, body: { action: 'rotate' } });
      tell(say('more.replaced'));
      navigate('/me');
    } catch (error) {
      setFailure(error instanceof VerveProblem ? error.message : say('state.error.text'));
    }
  }
  return (
    <section className="card stack g12 start">
      <a href={`/print/${own.code}/poster`}>{say('me.poster')}</a>
      <a href={`/print/${own.code}/cards`}>{say('more.cards')}</a>
      <button type="button" className="btn neutral sm" onClick={() => setAsking(true)}>
        {say('more.replaceCode')}
      </button>
      {isAsking && (
        <Dialog title={say('more.replaceCode')} onClose={() => setAsking(false)}>
          <p>{say('more.replaceCode.explained')}</p>
          {failure !== null && (
            <p className="alert danger" role="alert">
              {failure}
            </p>
          )}
          <div className="row g8">
            <button type="button" className="btn" onClick={replace}>
              {say('more.replaceCode')}
            </button>
            <button type="button" className="btn neutral" onClick={() => setAsking(false)}>
              {say('common.cancel')}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
