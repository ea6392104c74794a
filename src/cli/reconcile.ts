import type { Command } from 'commander';
import { createDataverseConnections } from '../connectors/dataverse/connections.ts';
import { reconcileOrganisation } from '../connectors/dataverse/reconcile-organisation.ts';
import { VerveError } from '../engine/errors.ts';
import type { ReconciliationResult } from '../engine/reconciliation/service.ts';
import { snakeCase, toWire } from '../http/wire.ts';
import { loadConfig } from '../server/config.ts';
import { noCredentials, notConfigured } from './dataverse.ts';
import { EXIT } from './exit-codes.ts';
import { commandActor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';
import { showCount } from './show-progress.ts';
import { checkWritten, momentOf } from './written-time.ts';

interface Options extends CommonOptions, OrganisationOption {
  readonly all?: boolean;
  readonly since?: string;
}

const HELP = `
Reads from Dataverse what changed since the last success less 48 hours, and applies it as the webhook would. What is
known already changes nothing, so it can be run at any time and as often as one likes. The server does it every night.

  $ verve reconcile
  $ verve reconcile --organisation lydhor --all     from the very beginning, for example after a new status was mapped
  $ verve reconcile --since 2026-11-01 --json

A run that is cut off keeps what it did; the next goes on from there. Exit code 1 when it could not be finished.`;

/** `verve reconcile`: reads the membership system back now. */
export function addReconcile(program: Command): void {
  const command = program
    .command('reconcile')
    .description('read back what the membership system’s webhook may have missed')
    .option('--organisation <slug>', 'whose; not needed where there is only one organisation')
    .option('--all', 'from the beginning')
    .option('--since <date>', 'from this day or time on', checkWritten)
    .addHelpText('after', HELP);
  runCommand<Options>(command, (options) =>
    withEngine(async (verve) => {
      const orgId = await findOrganisation(verve, options);
      const { dataverseHosts } = loadConfig(process.env);
      const { since } = options;
      const chosen = since === undefined ? {} : { from: await momentOf(verve, orgId, since, 'first') };
      const from = options.all ? { from: null } : chosen;
      const progress = showCount('rows', options.json === true);
      const connections = createDataverseConnections(verve, { trustedHosts: dataverseHosts });
      const result = await reconcileOrganisation(verve, connections, {
        orgId,
        trigger: 'command',
        actor: commandActor,
        onProgress: ({ seen }) => progress.show(seen),
        ...from,
      }).finally(progress.end);
      if (result.outcome === 'notConfigured') throw notConfigured();
      if (result.outcome === 'noCredentials') throw noCredentials();
      return report(result);
    }),
  );
}

function report(result: ReconciliationResult) {
  if (result.outcome === 'alreadyRunning') {
    throw new VerveError('conflict', 'A reconciliation is running already.');
  }
  const { run } = result;
  const { seen, matched, credited, alreadyKnown, toInbox, failed } = run.counts;
  const lines = [
    `since         ${run.since === null ? 'the beginning' : run.since.toISOString()}`,
    `seen          ${seen}`,
    `matched       ${matched}`,
    `credited      ${credited}`,
    `already known ${alreadyKnown}`,
    `to the inbox  ${toInbox}`,
    `failed        ${failed}`,
    ...(run.errorCode === null
      ? []
      : ['', `Not finished: ${run.errorDetail}`, 'What was done stays; run it again to go on.']),
  ];
  return {
    text: lines.join('\n'),
    data: toWire({ outcome: snakeCase(result.outcome), ...run }),
    exitCode: result.outcome === 'succeeded' ? EXIT.done : EXIT.failed,
  };
}
