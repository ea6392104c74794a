import type { Command } from 'commander';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

/** `verve organisation link-domains`: the hosts that links are made on; the first is the one for new links. */
export function addLinkDomains(organisation: Command): void {
  const command = organisation
    .command('link-domains')
    .argument('[domain...]', 'hosts that lead to this server, such as verv.example.no; none: shows those there are')
    .description('the hosts that an organisation’s links are made on, the first for new ones')
    .option('--organisation <slug>', 'whose; not needed where there is only one organisation');
  runCommand<OrganisationOption & CommonOptions, string[]>(command, (options, given = []) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { linkDomains } =
        given.length === 0
          ? await verve.organisations.get({ orgId, actor })
          : await verve.organisations.update({ orgId, actor, change: { linkDomains: given } });
      const text = linkDomains.length === 0 ? 'There are none.' : linkDomains.join('\n');
      return { text, data: { organisation_id: orgId, link_domains: linkDomains } };
    }),
  );
}
