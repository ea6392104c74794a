import { lazy, Suspense, useEffect } from 'react';
import { isAdmin } from '../boot.ts';
import { CoordinatorFrame } from '../frame/coordinator-frame.tsx';
import { NoAccess } from '../parts/no-access.tsx';
import { PageBoundary } from '../parts/page-boundary.tsx';
import { Skeleton } from '../parts/states.tsx';
import { navigate } from '../router.tsx';
import { loadAdminWords } from '../say.ts';
import { AttributionsPage } from './attributions/attributions.tsx';
import { InboxPage } from './inbox/inbox.tsx';
import { countWaiting } from './inbox/load-cases.ts';
import { MentorsPage } from './mentors/mentors.tsx';
import { OverviewPage } from './overview/overview.tsx';
import { SettingsPage } from './settings.tsx';

// What nobody begins with comes when it is asked for: one case, one recruitment, one mentor, branches, channels, the
// integration, administration.
const ItemPage = lazy(async () => ({ default: (await import('./inbox/item.tsx')).ItemPage }));
const ReviewPage = lazy(async () => ({ default: (await import('./inbox/review.tsx')).ReviewPage }));
const AttributionPage = lazy(async () => ({
  default: (await import('./attributions/attribution.tsx')).AttributionPage,
}));
const MentorPage = lazy(async () => ({ default: (await import('./mentor/mentor.tsx')).MentorPage }));
const BranchesPage = lazy(async () => ({ default: (await import('./branches/branches.tsx')).BranchesPage }));
const BranchPage = lazy(async () => ({ default: (await import('./branches/branches.tsx')).BranchPage }));
const ChannelsPage = lazy(async () => ({ default: (await import('./channels/channels.tsx')).ChannelsPage }));
const HealthPage = lazy(async () => ({ default: (await import('./health/health.tsx')).HealthPage }));
const RunPage = lazy(async () => ({ default: (await import('./health/health.tsx')).RunPage }));
const AdminPages = lazy(async () => {
  const [pages] = await Promise.all([import('./admin/admin-pages.tsx'), loadAdminWords()]);
  return pages;
});

/** What coordinators and administrators see. */
export default function CoordinatorPages({ path }: { path: string }) {
  return (
    <CoordinatorFrame>
      <PageBoundary path={path}>
        <Suspense fallback={<Skeleton />}>
          <Page path={path} />
        </Suspense>
      </PageBoundary>
    </CoordinatorFrame>
  );
}

function Page({ path }: { path: string }) {
  const [, attributionId] = /^\/attributions\/([^/]+)$/.exec(path) ?? [];
  if (attributionId !== undefined) return <AttributionPage key={attributionId} id={attributionId} />;
  const [, reviewId] = /^\/inbox\/reviews\/([^/]+)$/.exec(path) ?? [];
  if (reviewId !== undefined) return <ReviewPage key={reviewId} id={reviewId} />;
  const [, mentorId] = /^\/mentors\/([0-9a-f-]{36})$/.exec(path) ?? [];
  if (mentorId !== undefined) return <MentorPage key={mentorId} id={mentorId} />;
  const [, branchId] = /^\/branches\/([0-9a-f-]{36})$/.exec(path) ?? [];
  if (branchId !== undefined) return <BranchPage key={branchId} id={branchId} />;
  const [, itemId] = /^\/inbox\/([^/]+)$/.exec(path) ?? [];
  if (itemId !== undefined) return <ItemPage key={itemId} id={itemId} />;
  switch (path) {
    case '':
      return <FirstPage />;
    case '/inbox':
      return <InboxPage />;
    case '/overview':
      return <OverviewPage />;
    case '/mentors':
      return <MentorsPage />;
    case '/branches':
      return <BranchesPage />;
    case '/channels':
      return <ChannelsPage />;
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

/** The inbox when something waits, else the overview. */
function FirstPage() {
  useEffect(() => {
    countWaiting().then(
      (count) => navigate(count > 0 ? '/inbox' : '/overview', { isReplacing: true }),
      () => navigate('/overview', { isReplacing: true }),
    );
  }, []);
  return <Skeleton />;
}
