import { useCallback, useEffect, useRef, useState } from 'react';

export interface Loaded<Data> {
  data: Data | null;
  error: unknown;
  isBusy: boolean;
  /** Loads anew, and shows that it does. */
  reload: () => void;
  /** Loads anew without a sign of it; gives up where the answer fails, or something else is asked for by then. */
  refresh: () => Promise<void>;
  /** Shows what was loaded elsewhere in the place of this. */
  show: (data: Data) => void;
}

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
  const latest = useRef({ key, load });
  useEffect(() => {
    latest.current = { key, load };
  });
  const show = useCallback((data: Data) => {
    kept.set(latest.current.key, data);
    setState({ key: latest.current.key, data, error: null, isBusy: false });
  }, []);
  const refresh = useCallback(async () => {
    const asked = latest.current;
    const data = await asked.load();
    if (latest.current.key === asked.key) show(data);
  }, [show]);
  return { data: state.data, error: state.error, isBusy: state.isBusy, reload, refresh, show };
}
