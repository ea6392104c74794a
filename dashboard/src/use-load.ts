import { useCallback, useEffect, useState } from 'react';

export type Loaded<Data> = { data: Data | null; error: unknown; isBusy: boolean; reload: () => void };

/** Answers of this visit by what was asked: going back shows them at once, while they are asked for anew. */
const kept = new Map<string, unknown>();

/**
 * Loads what `key` names; another key loads anew, and keeps the old data until the new is there. The same key within one page
 * is the same data.
 */
export function useLoad<Data>(key: string, load: () => Promise<Data>): Loaded<Data> {
  const [state, setState] = useState<{ key: string; data: Data | null; error: unknown; isBusy: boolean }>(() => ({
    key,
    data: (kept.get(key) as Data | undefined) ?? null,
    error: null,
    isBusy: true,
  }));
  const [round, setRound] = useState(0);
  // `load` is made anew at each rendering; what it asks for is told by `key`.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    let isCurrent = true;
    setState((before) => ({ ...before, key, data: (kept.get(key) as Data | undefined) ?? before.data, isBusy: true }));
    load().then(
      (data) => {
        kept.set(key, data);
        if (isCurrent) setState({ key, data, error: null, isBusy: false });
      },
      (error: unknown) => {
        if (isCurrent) setState((before) => ({ ...before, error, isBusy: false }));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const reload = useCallback(() => {
    setState((before) => ({ ...before, error: null }));
    setRound((before) => before + 1);
  }, []);
  return { data: state.data, error: state.error, isBusy: state.isBusy, reload };
}
