import { useEffect, useRef } from 'react';

/** Refreshes when one comes back to the page from somewhere else. What fails leaves what is shown as it is. */
export function useReturn(refresh: () => Promise<void>): void {
  const latest = useRef(refresh);
  useEffect(() => {
    latest.current = refresh;
  });
  useEffect(() => {
    const come = (): void => {
      if (!document.hidden) latest.current().catch(() => undefined);
    };
    document.addEventListener('visibilitychange', come);
    return () => document.removeEventListener('visibilitychange', come);
  }, []);
}
