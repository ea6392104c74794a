import { type ReactNode, useEffect, useState } from 'react';
import { boot, isAdmin, isMentor } from '../boot.ts';
import {
  BranchIcon,
  BuildingIcon,
  ChartIcon,
  CloseIcon,
  InboxIcon,
  ListIcon,
  MenuIcon,
  PeopleIcon,
  RefreshIcon,
  SettingsIcon,
} from '../icons.tsx';
import { isOf, useLive } from '../live/live.ts';
import { adminEntries, currentOf } from '../pages/admin/entries.ts';
import { countWaiting } from '../pages/inbox/load-cases.ts';
import { Mark } from '../parts/brand.tsx';
import { Link, usePlace } from '../router.tsx';
import { say } from '../say.ts';

const entries = [
  { to: '/inbox', key: 'nav.inbox', Icon: InboxIcon },
  { to: '/overview', key: 'nav.overview', Icon: ChartIcon },
  { to: '/mentors', key: 'nav.mentors', Icon: PeopleIcon },
  { to: '/branches', key: 'nav.branches', Icon: BuildingIcon },
  { to: '/channels', key: 'nav.channels', Icon: BranchIcon },
  { to: '/attributions', key: 'nav.attributions', Icon: ListIcon },
  { to: '/health', key: 'nav.integration', Icon: RefreshIcon },
] as const;

/** A coordinator's page: entries at the left, a rail of icons on a tablet, a menu on a phone. */
export function CoordinatorFrame({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const { path } = usePlace();
  const waiting = useWaiting(path);
  const role = isAdmin ? 'admin' : 'coordinator';
  return (
    <>
      <header className="mbar">
        <Link className="brand" to="/overview">
          <Mark />
          <span>{boot.organisation.name}</span>
        </Link>
        <button
          type="button"
          className="iconbtn"
          aria-expanded={isOpen}
          aria-controls="side"
          aria-label={say(waiting > 0 ? 'common.menu' : 'common.mainNav', { n: waiting })}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <CloseIcon /> : <MenuIcon />}
          {!isOpen && waiting > 0 && (
            <span className="count" aria-hidden="true">
              {waiting}
            </span>
          )}
        </button>
      </header>
      <div className="frame">
        <section id="side" className={isOpen ? 'side open' : 'side'} aria-label={boot.organisation.name}>
          <Link className="brand" to="/overview">
            <Mark />
            <span>{boot.organisation.name}</span>
          </Link>
          <nav className="nav" aria-label={say('common.mainNav')}>
            {entries.map(({ to, key, Icon }) => (
              <Link
                key={to}
                to={to}
                aria-current={path === to || path.startsWith(`${to}/`) ? 'page' : undefined}
                onClickCapture={() => setOpen(false)}
              >
                <Icon />
                <span>{say(key)}</span>
                {to === '/inbox' && waiting > 0 && (
                  <span className="count">
                    <span aria-hidden="true">{waiting}</span>
                    <span className="vh">{say('inbox.count', { n: waiting })}</span>
                  </span>
                )}
              </Link>
            ))}
            {isAdmin && <AdminEntries path={path} onGo={() => setOpen(false)} />}
          </nav>
          <div className="foot stack g8">
            {isMentor && (
              <Link className="small" to="/me">
                {say('nav.roleSwitch')}
              </Link>
            )}
            <Link className="me" to="/settings" aria-current={path === '/settings' ? 'page' : undefined}>
              <span className="ava" aria-hidden="true">
                {(boot.person.name ?? say(`role.${role}`)).slice(0, 1)}
              </span>
              <span className="small">
                {boot.person.name !== null && <b>{boot.person.name} </b>}
                <span className="sub">{say(`role.${role}`)}</span>
              </span>
            </Link>
          </div>
        </section>
        <main className="main" id="innhold" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

/** «Administrasjon», which unfolds its entries once one is there. */
function AdminEntries({ path, onGo }: { path: string; onGo: () => void }) {
  const isHere = path.startsWith('/admin/');
  return (
    <>
      <Link to={adminEntries[0].to} aria-current={isHere ? 'true' : undefined} onClickCapture={onGo}>
        <SettingsIcon />
        <span>{say('nav.admin')}</span>
      </Link>
      {isHere && (
        <div className="subnav">
          {adminEntries.map(({ to, key }) => (
            <Link key={to} to={to} aria-current={currentOf(to, path)} onClickCapture={onGo}>
              {say(key)}
            </Link>
          ))}
        </div>
      )}
    </>
  );
}

/** How many cases wait, counted anew at each page and when one comes or goes. Without an answer the last count stays. */
function useWaiting(path: string): number {
  const [count, setCount] = useState(0);
  useLive(isOf('inbox', 'review'), async () => setCount(await countWaiting()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is the occasion to count
  useEffect(() => {
    let isCurrent = true;
    countWaiting().then(
      (found) => isCurrent && setCount(found),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [path]);
  return count;
}
