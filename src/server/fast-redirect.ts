import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TrafficSigns } from '../engine/clicks/classify-traffic.ts';
import type { Clicks } from '../engine/clicks/service.ts';
import { clickNotice, readShortLink, redirectVisitor } from '../http/redirect.ts';

/** Answers a request and says true, or leaves it alone and says false. */
export type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Short links straight on node:http: the same engine code as the Web-standard handler, without making a Request and a
 * Response of each (docs/performance.md has what that costs). `addressOf` gives the visitor's address behind trusted proxies.
 */
export function createFastRedirect(options: {
  clicks: Clicks;
  addressOf: (request: IncomingMessage) => string;
}): Intercept {
  const { clicks, addressOf } = options;
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const asked = readShortLink(request.url ?? '');
    if (asked === null) return false;
    const opening = { signs: readSigns(request), address: addressOf(request) };
    void redirectVisitor(clicks, asked, opening).then(({ location, recorded }) => {
      const headers = [
        'Location',
        location,
        'Cache-Control',
        'no-store',
        'Referrer-Policy',
        'no-referrer',
        'X-Robots-Tag',
        'noindex, nofollow',
        'Content-Length',
        '0',
      ];
      const notice = clickNotice(recorded);
      if (notice !== null) headers.push('Verve-Click', notice);
      response.writeHead(302, headers);
      response.end();
    });
    return true;
  };
}

/** The few headers that tell a class, out of the list as it came: cheaper than making an object of all of them. */
function readSigns(request: IncomingMessage): TrafficSigns {
  const signs: TrafficSigns = { method: request.method ?? 'GET', userAgent: undefined };
  const raw = request.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    switch (name.length) {
      case 5:
        if (name.toLowerCase() === 'x-moz') signs.xMoz = raw[at + 1];
        break;
      case 7:
        if (name.toLowerCase() === 'purpose') signs.purpose = raw[at + 1];
        break;
      case 9:
        if (name.toLowerCase() === 'x-purpose') signs.xPurpose = raw[at + 1];
        break;
      case 10:
        if (name.toLowerCase() === 'user-agent') signs.userAgent = raw[at + 1];
        break;
      case 11:
        if (name.toLowerCase() === 'sec-purpose') signs.secPurpose = raw[at + 1];
        break;
      case 14:
        if (name.toLowerCase() === 'sec-fetch-dest') signs.secFetchDest = raw[at + 1];
        break;
    }
  }
  return signs;
}
