import type { ReactNode } from 'react';
import { boot, isCoordinator } from '../boot.ts';
import { MenuIcon, PeopleIcon, QrCodeIcon, StarIcon } from '../icons.tsx';
import { Mark } from '../parts/brand.tsx';
import { Link, usePlace } from '../router.tsx';
import { say } from '../say.ts';

const entries = [
  { to: '/me', key: 'nav.myCode', Icon: QrCodeIcon },
  { to: '/me/recruits', key: 'nav.recruits', Icon: PeopleIcon },
  { to: '/me/badges', key: 'nav.badges', Icon: StarIcon },
  { to: '/me/more', key: 'nav.more', Icon: MenuIcon },
] as const;

/** A mentor's page: a bar at the bottom of a phone, the same four entries at the left of a wide screen. */
export function MentorFrame({ children }: { children: ReactNode }) {
  const { path } = usePlace();
  return (
    <div className="phone">
      <header className="bar">
        <Link className="brand" to="/me">
          <Mark />
          <span>{boot.organisation.name}</span>
        </Link>
        {isCoordinator && (
          <Link className="small" to="">
            {say('nav.toCoordinator')}
          </Link>
        )}
      </header>
      <main className="pmain" id="innhold" tabIndex={-1}>
        {children}
      </main>
      <nav className="tabbar" aria-label={say('common.mainNav')}>
        {entries.map(({ to, key, Icon }) => (
          <Link key={to} to={to} aria-current={path === to ? 'page' : undefined}>
            <Icon />
            <span>{say(key)}</span>
          </Link>
        ))}
      </nav>
    </div>
  );
}
