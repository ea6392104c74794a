import { type AnchorHTMLAttributes, type ReactNode, useSyncExternalStore } from 'react';
import { home } from './boot.ts';

const listeners = new Set<() => void>();
const announce = (): void => {
  for (const listener of listeners) listener();
};
addEventListener('popstate', announce);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Path below the organisation and query: `/me/recruits`, `?status=…`. Every change renders anew. */
export function usePlace(): { path: string; query: URLSearchParams } {
  const href = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  const [pathname = '', search = ''] = href.split('?');
  return { path: pathname.slice(home.length).replace(/\/$/, ''), query: new URLSearchParams(search) };
}

/** Goes to a path below the organisation. */
export function navigate(to: string, options: { isReplacing?: boolean } = {}): void {
  history[options.isReplacing === true ? 'replaceState' : 'pushState'](null, '', `${home}${to}`);
  announce();
}

/** Changes the query of this page: null takes a parameter out. Back undoes it. */
export function changeQuery(changes: Record<string, string | null>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  navigate(`${location.pathname.slice(home.length)}${text === '' ? '' : `?${text}`}`);
}

/** A link within the dashboard: a true address, followed without loading a page. */
export function Link({
  to,
  children,
  ...rest
}: { to: string; children: ReactNode } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return (
    <a
      {...rest}
      href={`${home}${to}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
        scrollTo(0, 0);
      }}
    >
      {children}
    </a>
  );
}
