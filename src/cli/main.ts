import { Command } from 'commander';
import { addBackup } from './backup.ts';
import { addCode } from './code.ts';
import { addConfirm } from './confirm.ts';
import { addDataverse } from './dataverse.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { EXIT } from './exit-codes.ts';
import { addImport } from './import.ts';
import { addKey } from './key.ts';
import { addMember } from './member.ts';
import { addMigrate } from './migrate.ts';
import { addMilestones } from './milestones.ts';
import { addOrganisation } from './organisation.ts';
import { readPackageVersion } from './package-version.ts';
import { addPrivacy } from './privacy.ts';
import { addReconcile } from './reconcile.ts';
import { addRestore } from './restore.ts';
import { addServe } from './serve.ts';
import { addSignInAddress, addSignInLink } from './sign-in.ts';
import { addSupabase } from './supabase.ts';
import { addVerify } from './verify.ts';

const HELP = `
Exit codes: ${EXIT.done} done · ${EXIT.failed} failed · ${EXIT.usage} command line or configuration cannot be used · ${EXIT.refused} refused by a rule · ${EXIT.findings} the check found something

Start here:
  $ verve serve           its own PostgreSQL, nothing to set up
  $ verve serve --help    every command explains itself, with an example

In a clone, write "npm run verve -- serve" for "verve serve".`;

/** Every command, each from the file of its name. */
const commands: readonly ((program: Command) => void)[] = [
  addServe,
  addMigrate,
  addDoctor,
  addOrganisation,
  addKey,
  addSignInLink,
  addSignInAddress,
  addCode,
  addConfirm,
  addMember,
  addMilestones,
  addDemo,
  addImport,
  addReconcile,
  addDataverse,
  addSupabase,
  addVerify,
  addPrivacy,
  addBackup,
  addRestore,
];

/** Reads the command line and runs it. Sets the exit code, and ends the process only where it cannot be read. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('verve')
    .description('Who recruited this member? Referral attribution for membership organisations.')
    .version(readPackageVersion())
    .showHelpAfterError('(--help explains)')
    .addHelpText('after', HELP)
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage);
    });
  for (const add of commands) add(program);
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    for (const part of command.commands) part.copyInheritedSettings(program);
  }
  await program.parseAsync(argv);
}
