import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';

/** How the receiver answers one request. `ok` is what a good one does: verify, award once, 204. */
export type Behaviour =
  | { kind: 'ok' }
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  /** Does the work, then cuts the connection: the sender cannot know. */
  | { kind: 'dropReply' }
  /** Does the work and answers late. */
  | { kind: 'slow'; delayMs: number }
  /** Answers 200 with a body that never ends. */
  | { kind: 'endless' };

/** A request as it arrived. */
export interface Received {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly event: { type: string; id: string; data: Record<string, unknown> };
  readonly at: number;
}

/** A badge service of the development kind: a real server that verifies, keeps count, and misbehaves on request. */
export interface BadgeReceiver {
  readonly url: string;
  readonly received: Received[];
  /** Requests whose signature both independent verifiers accepted, and those that either refused. */
  readonly verified: { accepted: number; refused: number };
  /** How often each award was made; a good receiver makes each once, whatever arrives. */
  readonly awards: Map<string, number>;
  /** The secrets the receiver trusts. */
  secrets: string[];
  /** How the next requests are answered, one each; then as `afterwards` says. */
  behave(...next: Behaviour[]): void;
  afterwards(behaviour: Behaviour): void;
  /** Awards on every arrival, as a receiver does that knows no idempotency key: what the key is for. */
  forgetAwardKeys(): void;
  close(): Promise<void>;
}

/** Starts a receiver on a port of its own. */
export async function startBadgeReceiver(secrets: string[] = [], port = 0): Promise<BadgeReceiver> {
  const received: Received[] = [];
  const verified = { accepted: 0, refused: 0 };
  const awards = new Map<string, number>();
  const next: Behaviour[] = [];
  let usual: Behaviour = { kind: 'ok' };
  let knowsKeys = true;

  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const headers = request.headers as Record<string, string>;
    received.push({ id: headers['webhook-id'] ?? '', body, headers, event: JSON.parse(body), at: Date.now() });
    if (isSigned(receiver.secrets, body, headers)) verified.accepted += 1;
    else verified.refused += 1;

    const behaviour = next.shift() ?? usual;
    switch (behaviour.kind) {
      case 'ok':
        work(body);
        response.writeHead(204).end();
        return;
      case 'status':
        response.writeHead(behaviour.status, behaviour.headers).end('no');
        return;
      case 'dropReply':
        work(body);
        request.socket.destroy();
        return;
      case 'slow':
        work(body);
        setTimeout(() => response.writeHead(204).end(), behaviour.delayMs);
        return;
      case 'endless':
        response.writeHead(200);
        pour(response);
        return;
    }
  }

  function pour(response: ServerResponse): void {
    if (response.destroyed) return;
    response.write('x'.repeat(16 * 1024));
    setTimeout(() => pour(response), 2);
  }

  function work(body: string): void {
    const key = (JSON.parse(body) as { data: { award_key?: string } }).data.award_key;
    if (key === undefined || (knowsKeys && awards.has(key))) return;
    awards.set(key, (awards.get(key) ?? 0) + 1);
  }

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: BadgeReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/verve`,
    received,
    verified,
    awards,
    secrets,
    behave: (...behaviours) => void next.push(...behaviours),
    afterwards: (behaviour) => {
      usual = behaviour;
    },
    forgetAwardKeys: () => {
      knowsKeys = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** Whether two independent libraries accept the signature under one of the secrets. */
function isSigned(secrets: readonly string[], body: string, headers: Record<string, string>): boolean {
  return secrets.some((secret) => {
    try {
      new StandardWebhook(secret).verify(body, headers);
      new SvixWebhook(secret).verify(body, headers);
      return true;
    } catch {
      return false; // another secret may fit
    }
  });
}
