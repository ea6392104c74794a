import { useEffect } from 'react';
import { boot } from '../../boot.ts';
import { CloseIcon } from '../../icons.tsx';
import { Mark } from '../../parts/brand.tsx';
import { groupCode, LargeCode } from '../../parts/code.tsx';
import { Heading } from '../../parts/page.tsx';
import { Shown } from '../../parts/states.tsx';
import { Link, navigate } from '../../router.tsx';
import { say } from '../../say.ts';
import { useLoad } from '../../use-load.ts';
import { loadOwnCode } from './own-code.ts';

/** The QR code over the whole screen, for somebody else to scan: white also in the dark, and the screen stays on. */
export default function QrPage() {
  const code = useLoad('own code', loadOwnCode);
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') navigate('/me');
    };
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, []);
  useScreenKeptOn();
  const { joinUrl, name } = boot.organisation;
  return (
    <div className="qrpage">
      <header className="bar">
        <span className="brand">
          <Mark />
          <span>{name}</span>
        </span>
      </header>
      <main id="innhold" tabIndex={-1}>
        <Heading title={say('qr.title')} />
        <Link className="iconbtn leave" to="/me" aria-label={say('common.close')}>
          <CloseIcon />
        </Link>
        <p className="sub">{say('qr.instruction')}</p>
        <Shown loaded={code}>
          {(own) =>
            own.state === 'active' ? (
              <div className="stack g8 shown">
                {own.qr !== null && <img src={own.qr} alt={say('me.qrAlt', { code: groupCode(own.code) })} />}
                <LargeCode code={own.code} />
              </div>
            ) : (
              <p>{say(`me.${own.state}.title`)}</p>
            )
          }
        </Shown>
        {joinUrl !== null && <p className="sub">{say('qr.noCamera', { shortUrl: joinUrl })}</p>}
      </main>
    </div>
  );
}

/** Asks the browser not to dim the screen; where it cannot, nothing happens. */
function useScreenKeptOn(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isOver = false;
    navigator.wakeLock?.request('screen').then(
      (given) => {
        if (isOver) void given.release();
        else lock = given;
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      void lock?.release();
    };
  }, []);
}
