import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

/** Sends one signed confirmation over a kept-alive connection; resolves when the answer says `confirmed`. */
export type Deliver = (memberId: string, code: string) => Promise<void>;

export function makeDeliver(options: { url: string; slug: string; signingSecret: string; connections: number }): {
  deliver: Deliver;
  close: () => void;
} {
  const key = Buffer.from(options.signingSecret.replace(/^whsec_/, ''), 'base64');
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const target = `${options.url}/api/v1/webhooks/membership/${options.slug}`;
  const deliver: Deliver = (memberId, code) => {
    const body = JSON.stringify({
      status: 'confirmed',
      external_member_id: memberId,
      referral_code: code,
      occurred_at: new Date().toISOString(),
    });
    const id = `msg_${randomUUID()}`;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    };
    return new Promise<void>((resolve, reject) => {
      const sent = request(target, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 202 && text.includes('"result":"confirmed"')) resolve();
          else reject(new Error(`${response.statusCode}: ${text.slice(0, 300)}`));
        });
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  };
  return { deliver, close: () => agent.destroy() };
}
