import { afterAll } from 'vitest';

const works: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const work of works.reverse()) await work();
});

/** Does this after the test file, the last first, wherever it is asked for: `afterAll` itself is not heard within a test or a hook. */
export function atEnd(work: () => Promise<void>): void {
  works.push(work);
}
