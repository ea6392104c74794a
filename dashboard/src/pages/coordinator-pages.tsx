import { lazy } from 'react';
import { isAdmin } from '../boot.ts';
import { CoordinatorFrame } from '../frame/coordinator-frame.tsx';
import { NoAccess } from '../parts/no-access.tsx';
import { AttributionPage } from './attributions/attribution.tsx';
import { AttributionsPage } from './attributions/attributions.tsx';
import { HealthPage, RunPage } from './health/health.tsx';
import { MentorsPage } from './mentors/mentors.tsx';
import { OverviewPage } from './overview/overview.tsx';
import { SettingsPage } from './settings.tsx';

const AdminPages = lazy(() => import('./admin/admin-pages.tsx'));

/** What coordinators and administrators see. */
export default function CoordinatorPages({ path }: { path: string }) {
  return (
    <CoordinatorFrame>
      <Page path={path} />
    </CoordinatorFrame>
  );
}

function Page({ path }: { path: string }) {
  const [, attributionId] = /^\/attributions\/([^/]+)$/.exec(path) ?? [];
  if (attributionId !== undefined) return <AttributionPage key={attributionId} id={attributionId} />;
  switch (path) {
    case '':
    case '/overview':
      return <OverviewPage />;
    case '/mentors':
      return <MentorsPage />;
    case '/attributions':
      return <AttributionsPage />;
    case '/health':
      return <HealthPage />;
    case '/settings':
      return <SettingsPage />;
    default: {
      const runId = /^\/health\/runs\/([\w-]+)$/.exec(path)?.[1];
      if (runId !== undefined) return <RunPage key={runId} runId={runId} />;
      if (path.startsWith('/admin/') && isAdmin) return <AdminPages path={path} />;
      return <NoAccess />;
    }
  }
}
