import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Sends one signed confirmation over a kept-alive connection; resolves when the answer says `confirmed`. */
export type Deliver = (memberId: string, code: string) => Promise<void>;

/**
 * Over raw sockets, as cheaply as it can: what sends shares the cores with what is measured. Deliveries beyond the
 * connections wait for a free one; their time counts.
 */
export function makeDeliver(options: { url: string; slug: string; signingSecret: string; connections: number }): {
  deliver: Deliver;
  close: () => void;
} {
  const key = createSecretKey(options.signingSecret.replace(/^whsec_/, ''), 'base64');
  const { hostname, port, host } = new URL(options.url);
  const head = `POST /api/v1/webhooks/membership/${options.slug} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  const lines = new Set<Socket>();
  const idle: Socket[] = [];
  const waiting: ((line: Socket) => void)[] = [];

  function open(): Socket {
    const line = connect({ host: hostname, port: Number(port), noDelay: true });
    lines.add(line);
    return line.on('error', () => undefined).once('close', () => forget(line)); // who waits for an answer hears of the close
  }

  async function takeLine(): Promise<Socket> {
    const line = idle.pop();
    if (line !== undefined) return line;
    return lines.size < options.connections ? open() : new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(line: Socket): void {
    const next = waiting.shift();
    if (next !== undefined) next(line);
    else idle.push(line);
  }

  function forget(line: Socket): void {
    lines.delete(line);
    const place = idle.indexOf(line);
    if (place >= 0) idle.splice(place, 1);
    const next = waiting.shift();
    if (next !== undefined) next(open());
  }

  /** The whole answer to a request. */
  function exchange(line: Socket, request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = '';
      const onData = (chunk: Buffer) => {
        answer += chunk.toString('latin1');
        const bodyAt = answer.indexOf('\r\n\r\n') + 4;
        const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
        if (bodyAt < 4 || length === undefined || answer.length < bodyAt + Number(length)) return;
        line.off('data', onData).off('close', onClose);
        resolve(answer);
      };
      const onClose = () => reject(new Error(`The connection was closed: ${answer.slice(0, 300)}`));
      line.on('data', onData).once('close', onClose);
      line.write(request);
    });
  }

  async function deliver(memberId: string, code: string): Promise<void> {
    const body = JSON.stringify({
      status: 'confirmed',
      external_member_id: memberId,
      referral_code: code,
      occurred_at: new Date().toISOString(),
    });
    const id = `msg_${randomUUID()}`;
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const line = await takeLine();
    const answer = await exchange(
      line,
      `${head}content-length: ${Buffer.byteLength(body)}\r\nwebhook-id: ${id}\r\nwebhook-timestamp: ${timestamp}\r\nwebhook-signature: v1,${signature}\r\n\r\n${body}`,
    );
    giveBack(line);
    if (!answer.startsWith('HTTP/1.1 202 ') || !answer.includes('"result":"confirmed"')) {
      throw new Error(answer.slice(0, 300));
    }
  }

  return {
    deliver,
    close: () => {
      for (const line of lines) line.destroy();
    },
  };
}
