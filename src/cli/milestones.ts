import type { Command } from 'commander';
import { commandActor as actor, findOrganisation, type OrganisationOption, withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

type Options = CommonOptions & OrganisationOption & { readonly grant?: boolean };

const HELP = `
  $ verve milestones backfill            what would be granted; writes nothing
  $ verve milestones backfill --grant    grants it, marked as backfill, and tells the badge service

Changed milestones and new badges count from then on. Who had passed them already gets them only by this command.`;

/** `verve milestones …`: what an operator does with milestones. */
export function addMilestones(program: Command): void {
  const milestones = program.command('milestones').description('milestones and badges').addHelpText('afterAll', HELP);
  const backfill = milestones
    .command('backfill')
    .description('grant milestones and badges that were set after mentors had passed them')
    .option('--organisation <slug>', 'whose; not needed where there is only one organisation')
    .option('--grant', 'grant them; without it they are only shown');
  runCommand<Options>(backfill, (options) =>
    withEngine(async (verve) => {
      const call = { orgId: await findOrganisation(verve, options), actor };
      const result = options.grant ? await verve.backfill.grant(call) : await verve.backfill.preview(call);
      const lines = [
        ...result.milestones.map(
          ({ mentorId, threshold, count }) => `${mentorId}  milestone ${threshold}  has ${count}`,
        ),
        ...result.badges.map(({ mentorId, badgeDefinitionId }) => `${mentorId}  badge ${badgeDefinitionId}`),
      ];
      const data = {
        outcome: result.outcome,
        milestones: result.milestones.map(({ mentorId, threshold, count }) => ({
          mentor_id: mentorId,
          threshold,
          count,
        })),
        badges: result.badges.map(({ mentorId, badgeDefinitionId }) => ({
          mentor_id: mentorId,
          badge_definition_id: badgeDefinitionId,
        })),
      };
      return { text: [...lines, summary(result)].join('\n'), data };
    }),
  );
}

function summary(result: { outcome: 'preview' | 'granted'; milestones: unknown[]; badges: unknown[] }): string {
  const counts = `${result.milestones.length} milestones and ${result.badges.length} badges`;
  if (result.milestones.length + result.badges.length === 0) return 'Nothing is missing.';
  return result.outcome === 'granted' ? `${counts} were granted.` : `${counts} would be granted: run it with --grant.`;
}
