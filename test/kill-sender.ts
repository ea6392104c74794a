import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Outgoing, SECRET } from './webhooks-out.ts';

/** Starts a sender in a process of its own, its clock `aheadSeconds` ahead. */
export async function startSenderProcess(appUrl: string, aheadSeconds: number): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./sender-process.ts', import.meta.url));
  const settings = JSON.stringify({ appUrl, aheadSeconds, secret: SECRET });
  const child = spawn(process.execPath, [script, settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout) await once(child.stdout, 'data');
  return child;
}

/**
 * Kills a sender again and again while it sends, each time a random moment of at most `longestMs` after it took its first
 * deliveries, and starts the next with a clock past the claims that the dead one held. Gives how many deliveries those were.
 */
export async function killSenders(
  out: Outgoing,
  options: { kills: number; longestMs: number; onRound: (round: number) => Promise<void> },
): Promise<{ heldByTheDead: number }> {
  let heldByTheDead = 0;
  for (let round = 1; round <= options.kills; round += 1) {
    await options.onRound(round);
    const before = new Set((await out.deliveries()).map(({ claim }) => claim));
    const child = await startSenderProcess(out.db.appUrl, round * 61);
    await out.until((deliveries) => deliveries.some(({ claim }) => claim !== null && !before.has(claim)), 30_000);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * options.longestMs));
    const died = once(child, 'exit');
    child.kill('SIGKILL');
    await died;
    heldByTheDead += (await out.deliveries()).filter((delivery) => delivery.claim !== null).length;
  }
  return { heldByTheDead };
}
