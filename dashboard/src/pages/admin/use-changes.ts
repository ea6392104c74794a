import { useState } from 'react';

/** Fields of a form by name, as typed. */
export type Values = Readonly<Record<string, string | boolean>>;

/** What was changed and not saved, by page: it stays while one walks through the dashboard. Leaving it asks first. */
const kept = new Map<string, Values>();
addEventListener('beforeunload', (event) => {
  if (kept.size > 0) event.preventDefault();
});

/** The fields of a page: what is saved, with what was changed laid over it. */
export function useChanges(page: string, saved: Values) {
  const [changes, setChanges] = useState<Values>(() => kept.get(page) ?? {});
  function keep(next: Values): void {
    if (Object.keys(next).length === 0) kept.delete(page);
    else kept.set(page, next);
    setChanges(next);
  }
  const changed = Object.keys(changes).filter((name) => changes[name] !== (saved[name] ?? ''));
  return {
    values: { ...saved, ...changes } as Values,
    /** The names of the fields that differ from what is saved. */
    changed,
    set(name: string, value: string | boolean): void {
      const { [name]: _, ...others } = changes;
      keep(value === (saved[name] ?? '') ? others : { ...changes, [name]: value });
    },
    discard: (): void => keep({}),
  };
}
