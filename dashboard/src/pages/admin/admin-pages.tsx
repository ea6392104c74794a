import { NoAccess } from '../../parts/no-access.tsx';
import { Link } from '../../router.tsx';
import { say } from '../../say.ts';
import { AuditPage } from './audit.tsx';
import { BadgeDefinitionsPage } from './badges/badges.tsx';
import { BranchTreePage } from './branches/branches.tsx';
import { BrandPage } from './brand/brand.tsx';
import { EndpointPage } from './endpoint.tsx';
import { EndpointsPage } from './endpoints.tsx';
import { adminEntries, currentOf } from './entries.ts';
import { ImportsPage } from './imports/imports.tsx';
import { KeysPage } from './keys.tsx';
import { MentorImportPage } from './mentor-import/mentor-import.tsx';
import { OffBoardingPage } from './off-boarding/off-boarding.tsx';
import { PeoplePage } from './people.tsx';
import { PrivacyPage } from './privacy/privacy.tsx';
import { RulesPage } from './rules/rules.tsx';

/** What only administrators see. Between phone and desktop, where the side is a rail, its entries stand above the page. */
export default function AdminPages({ path }: { path: string }) {
  return (
    <>
      <nav className="subtabs" aria-label={say('nav.admin')}>
        {adminEntries.map(({ to, key }) => (
          <Link key={to} to={to} className="chip" aria-current={currentOf(to, path)}>
            {say(key)}
          </Link>
        ))}
      </nav>
      <Page path={path} />
    </>
  );
}

function Page({ path }: { path: string }) {
  switch (path) {
    case '/admin/people':
      return <PeoplePage />;
    case '/admin/brand':
      return <BrandPage />;
    case '/admin/rules':
      return <RulesPage />;
    case '/admin/audit':
      return <AuditPage />;
    case '/admin/privacy':
      return <PrivacyPage />;
    case '/admin/import':
      return <ImportsPage />;
    case '/admin/mentor-import':
      return <MentorImportPage />;
    case '/admin/badges':
      return <BadgeDefinitionsPage />;
    case '/admin/off-boarding':
      return <OffBoardingPage />;
    case '/admin/branches':
      return <BranchTreePage />;
    case '/admin/connections':
      return <EndpointsPage />;
    case '/admin/connections/keys':
      return <KeysPage />;
    default: {
      const id = /^\/admin\/connections\/endpoints\/([\w-]+)$/.exec(path)?.[1];
      return id === undefined ? <NoAccess /> : <EndpointPage key={id} id={id} />;
    }
  }
}
