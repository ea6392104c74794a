import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acknowledged } from '../../test/zero-list.ts';

/** What a membership system does: sends a signed delivery, and sends the same again until it is acknowledged. */
export interface Sender {
  /** How often a delivery had to be sent again. */
  readonly retries: () => number;
  readonly send: (memberId: string, code: string) => Promise<Acknowledged>;
}

export function makeSender(options: {
  /** Where the server is now. null = nowhere at the moment. */
  url: () => string | null;
  slug: string;
  signingSecret: string;
}): Sender {
  const key = Buffer.from(options.signingSecret.replace(/^whsec_/, ''), 'base64');
  let retries = 0;

  async function attempt(id: string, body: string): Promise<boolean> {
    const url = options.url();
    if (url === null) return false;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    };
    const target = `${url}/api/v1/webhooks/membership/${options.slug}`;
    const signal = AbortSignal.timeout(10_000);
    try {
      const response = await fetch(target, { method: 'POST', headers, body, signal });
      await response.text();
      return response.status === 202;
    } catch {
      return false; // The connection broke: nobody knows whether it was done.
    }
  }

  return {
    retries: () => retries,
    async send(memberId, code) {
      const sourceRef = `msg_${randomUUID()}`;
      const body = JSON.stringify({ status: 'confirmed', external_member_id: memberId, referral_code: code });
      while (!(await attempt(sourceRef, body))) {
        retries += 1;
        await sleep(50 + Math.random() * 100);
      }
      return { memberId, sourceRef };
    },
  };
}
