import { type ComponentType, lazy, Suspense } from 'react';
import { isCoordinator, isMentor } from './boot.ts';
import { MentorFrame } from './frame/mentor-frame.tsx';
import { HomePage } from './pages/me/home.tsx';
import { Messages } from './parts/message.tsx';
import { NoAccess } from './parts/no-access.tsx';
import { PageBoundary } from './parts/page-boundary.tsx';
import { Skeleton } from './parts/states.tsx';
import { navigate, usePlace } from './router.tsx';
import { say } from './say.ts';

const mentorPages: Readonly<Record<string, ComponentType>> = {
  '/me': HomePage,
  '/me/recruits': lazy(() => import('./pages/me/recruits.tsx')),
  '/me/badges': lazy(() => import('./pages/me/badges.tsx')),
  '/me/more': lazy(() => import('./pages/me/more.tsx')),
};
const QrPage = lazy(() => import('./pages/me/qr.tsx'));
const CoordinatorPages = lazy(() => import('./pages/coordinator-pages.tsx'));

/** Every address below `/app/{organisation}`. Which data a page may show, the API decides. */
export function App() {
  const { path } = usePlace();
  return (
    <>
      <a className="skip" href="#innhold">
        {say('common.skip')}
      </a>
      <PageBoundary path={path}>
        <Suspense fallback={<Waiting />}>
          <Place path={path} />
        </Suspense>
      </PageBoundary>
      <Messages />
    </>
  );
}

function Place({ path }: { path: string }) {
  const isMine = path === '' ? !isCoordinator : path === '/me' || path.startsWith('/me/');
  if (!isMine && isCoordinator) return <CoordinatorPages path={path} />;
  if (!isMine || !isMentor) {
    return (
      <MentorFrame>
        <NoAccess />
      </MentorFrame>
    );
  }
  if (path === '/me/qr') return <QrPage />;
  if (path === '') navigate('/me', { isReplacing: true });
  const Page = mentorPages[path === '' ? '/me' : path];
  return (
    <MentorFrame>
      <PageBoundary path={path}>
        <Suspense fallback={<Skeleton />}>{Page === undefined ? <NoAccess /> : <Page key={path} />}</Suspense>
      </PageBoundary>
    </MentorFrame>
  );
}

function Waiting() {
  return (
    <main className="main" id="innhold" tabIndex={-1}>
      <Skeleton />
    </main>
  );
}
