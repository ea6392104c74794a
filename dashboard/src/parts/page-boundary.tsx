import { Component, type ReactNode } from 'react';
import { Failure } from './states.tsx';

const again = (): void => location.reload();

/**
 * Holds a page whose script did not come, as without network, or after a new version: it says so in its place, the menu stays,
 * and it loads anew by itself when the network is back.
 */
export class PageBoundary extends Component<{ path: string; children: ReactNode }, { error: unknown; path: string }> {
  override state: { error: unknown; path: string } = { error: null, path: this.props.path };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  static getDerivedStateFromProps({ path }: { path: string }, before: { path: string }) {
    return path === before.path ? null : { error: null, path };
  }

  override componentDidUpdate(): void {
    removeEventListener('online', again);
    if (this.state.error !== null) addEventListener('online', again);
  }

  override componentWillUnmount(): void {
    removeEventListener('online', again);
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Failure error={error} onRetry={again} />;
  }
}
