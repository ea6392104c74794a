import { VerveError } from '../engine/errors.ts';
import { isHostName } from '../engine/links/link-domain.ts';
import type { Incoming } from './operation.ts';

/**
 * The refusal of a link that has no domain to stand on (spec §4), with what an administrator does about it: the call, and the
 * command. The server's own host is named where it can serve as one; it is not taken by itself, because whose links a host
 * carries is the organisation's decision.
 */
export async function missingLinkDomain({
  runtime,
  orgId,
}: Pick<Incoming<unknown, unknown, unknown>, 'runtime' | 'orgId'>): Promise<VerveError> {
  const organisation = await runtime.verve.organisations.recent(orgId);
  const { protocol, host } = new URL(runtime.publicUrl);
  const domain = protocol === 'https:' && isHostName(host) ? host : 'verv.example.no';
  return new VerveError(
    'missing_link_domain',
    'The organisation has no link domain yet. An administrator sets one that leads to this server, such as ' +
      `${domain}: PATCH /api/v1/organisations/${orgId} with {"link_domains": ["${domain}"]}, or ` +
      `verve organisation link-domains ${domain} --organisation ${organisation?.slug ?? orgId}`,
  );
}
