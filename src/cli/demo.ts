import cliProgress from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { slugSchema } from '../engine/organisations/profile.ts';
import { fillOrganisation } from '../server/demo/fill-organisation.ts';
import { createChance } from '../server/demo/seeded-random.ts';
import { withEngine } from './open-engine.ts';
import { type CommonOptions, runCommand } from './run-command.ts';

interface Options extends CommonOptions {
  readonly organisation: string;
  readonly name: string;
  readonly seed: string;
  readonly mentors: number;
  readonly days: number;
  readonly until: Date;
}

const HELP = `
Everything goes through the engine's own operations, with a moved clock. The same seed, size and end give the same data.
All names are invented. The organisation must not exist yet.

  $ verve demo
  $ verve demo --mentors 40 --days 90 --seed another --organisation vestland --name Vestland
  $ verve key create --organisation lydhor --scope admin --scope reports:read    then look at it

Its codes can be guessed by whoever knows the seed: for looking around, never for a real organisation.`;

/** `verve demo`: an organisation with a year of believable history. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('fill an organisation with a year of believable history')
    .option('--organisation <slug>', 'slug of the new organisation', readSlug, 'lydhor')
    .option('--name <name>', 'its name', 'Lydhør')
    .option('--seed <text>', 'where all chance comes from', 'verve')
    .option('--mentors <count>', 'peer mentors', (text) => readCount(text, 10, 5_000), 600)
    .option('--days <count>', 'days of history', (text) => readCount(text, 7, 1_000), 365)
    .addOption(
      new Option('--until <date>', 'the day on which the history ends, YYYY-MM-DD')
        .argParser(readDay)
        .default(today(), 'today'),
    )
    .addHelpText('after', HELP);
  runCommand<Options>(command, async (options) => {
    const { organisation: slug, name, seed, mentors: mentorCount, days: dayCount, until, json } = options;
    const bar = new cliProgress.SingleBar({
      format: '{bar} {percentage} %  {value} of {total} acts  {eta_formatted} left',
      hideCursor: true,
      stream: process.stderr,
      noTTYOutput: false,
    });
    let now = until;
    const started = performance.now();
    const result = await withEngine(
      async (verve) => {
        const moveTo = (moment: Date) => {
          now = moment;
        };
        let isShown = false;
        try {
          return await fillOrganisation(
            { verve, moveTo },
            { seed, slug, name, mentorCount, dayCount, until },
            (done, total) => {
              if (json === true) return;
              if (!isShown) bar.start(total, 0);
              isShown = true;
              bar.update(done);
            },
          );
        } finally {
          if (isShown) bar.stop();
        }
      },
      { clock: () => now, random: createChance(`${seed}/engine`) },
    );
    const { orgId, branches, mentors, acts } = result;
    const seconds = Math.round((performance.now() - started) / 1_000);
    const text = [
      `${name} (${slug}) has ${mentors} mentors in ${branches} branches, and ${dayCount} days of history (${seconds} s):`,
      `  ${acts.share ?? 0} shares, ${acts.open ?? 0} openings, ${acts.register ?? 0} registrations, ${acts.confirm ?? 0} confirmations`,
      '',
      'Next:',
      `  verve sign-in-link --organisation ${slug}    its dashboard, as the administrator`,
      `  verve code list --organisation ${slug}`,
      `  verve key create --organisation ${slug} --scope admin --scope reports:read`,
    ];
    return {
      text: text.join('\n'),
      data: { organisation_id: orgId, organisation: slug, branches, mentors, acts, seconds },
    };
  });
}

function readSlug(given: string): string {
  if (slugSchema.safeParse(given).success) return given;
  throw new InvalidArgumentError('A slug is written with a-z, 0-9 and hyphens.');
}

function readCount(given: string, least: number, most: number): number {
  const count = Number(given);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new InvalidArgumentError(`From ${least} to ${most}.`);
}

function readDay(given: string): Date {
  const day = new Date(`${given}T00:00:00.000Z`);
  if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(given) && day <= today()) return day;
  throw new InvalidArgumentError('A day that has been, written YYYY-MM-DD.');
}

function today(): Date {
  return new Date(`${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`);
}
