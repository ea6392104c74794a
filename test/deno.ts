import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOutsidePackage, type OutsidePackage } from './outside-package.ts';

/** Finds Deno, pinned and kept out of our lock file: it is a runtime that others bring along, 100 MB of it. */
export const findDeno = (): Promise<OutsidePackage> => findOutsidePackage('deno', '2.9.6');

/** A server under real Deno, with the permissions that our pages name. */
export interface DenoServer {
  /** Where it is mounted, without a slash at the end. */
  readonly url: string;
  stop(): void;
}

/** Starts a file that calls `Deno.serve`, and waits until it is healthy. @throws {Error} with its output when it is not. */
export async function startDenoServer(
  deno: string,
  folder: string,
  file: string,
  options: { environment: Record<string, string>; mount?: string },
): Promise<DenoServer> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const args = ['run', '--no-lock', '--allow-net', '--allow-env', '--allow-read', '--allow-sys', file];
  const child = spawn(deno, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      DENO_NO_UPDATE_CHECK: '1',
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      ...options.environment,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const url = `http://127.0.0.1:${port}${options.mount ?? ''}`;
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return { url, stop: () => child.kill('SIGKILL') };
    await answer?.body?.cancel();
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`${file} did not start:\n${log}`);
}
