import { readFile } from 'node:fs/promises';

/**
 * What the host of a virtual machine keeps from it: of the processor time since the call, the part in which this machine
 * wanted a processor or had one and the host ran something else (`steal` in /proc/stat). A tail that was measured while it is
 * high is the host's. Give the answer to a heading or a line of its own.
 */
export async function watchStolenTime(): Promise<() => Promise<string>> {
  const before = await readTicks();
  return async () => {
    const after = await readTicks();
    if (before === null || after === null) return 'unknown here';
    const all = after.all - before.all;
    return `${((100 * (after.stolen - before.stolen)) / Math.max(1, all)).toFixed(1)} %`;
  };
}

/** null = the system does not count it (only Linux does). */
async function readTicks(): Promise<{ stolen: number; all: number } | null> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  const ticks = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').map(Number).slice(0, 8); // guests' time is in user's already
  if (ticks?.length !== 8) return null;
  return { stolen: ticks[7] ?? 0, all: ticks.reduce((sum, one) => sum + one, 0) };
}
