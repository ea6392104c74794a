import { auditedActions, unauditedPermissions } from '../src/engine/audit/actions.ts';

/** Writes docs/audit.md from the table of audited actions. */
export function describeAudit(): string {
  const rows = Object.entries(auditedActions).map(
    ([action, { subject, permission, when }]) => `- \`${action}\` (\`${subject}\`, by \`${permission}\`): ${when}.`,
  );
  const reasons = Object.entries(unauditedPermissions).map(([permission, reason]) => `- \`${permission}\`: ${reason}.`);
  return `<!-- Made from src/engine/audit/actions.ts by "npm run generate"; do not edit. -->

# The audit log

Who did what, and to what: everything that administrators, coordinators and keys decide, and every reading of contact data or
download of a report. An entry is written in the transaction of the act: both are there, or neither. What is repeated
without effect, refused, or only previewed leaves none.

\`GET /api/v1/audit\` lists it, newest first, for administrators and keys with \`admin\`; it narrows by \`action\`, \`subject_id\`,
\`actor\`, \`from\` and \`to\`. An actor is \`person:\` and the account's id, \`key:\` and the key's id, or \`system:\` and a name
(\`system:command\` is the command line, \`system:host\` a program that embeds the engine).

## What can be erased, and what cannot be altered

An entry (\`audit_log\`) holds the action, our own id of its subject, the time, and \`sha256(salt ‖ payload)\`. The payload
(\`audit_payloads\`) holds the actor and a few details: our own ids, numbers, names of fields, settings; never a name, a member id
or free text. Payloads are deleted after \`retention.auditPayloadDays\` (five years), and those that name the account of an erased
mentor with the erasure; the entry stays.

Every two minutes the task \`audit-seal\` chains what was written: each entry gets the next position and
\`sha256(previous digest ‖ payload digest ‖ position, id, action, subject, time)\`. One worker seals an organisation at a time, and a
constraint keeps two from taking the same place. A confirmation never waits for it. The engine's role can neither change nor delete
an entry.

\`verve verify\` goes through the chain (check \`audit\`): an entry that was altered, left out or put in, and a payload that is not the
one that was written, are named. What it cannot see is that the newest entries were cut off by somebody with the owner's
password, or that all were chained anew; keep the database's backups where that person cannot reach them.

## Actions

With what each is about, and the [right](permissions.md) by which it is done:

${rows.join('\n')}

## What leaves no entry

Reading, and:

${reasons.join('\n')}
- Facts from signed deliveries, imports, reconciliation and keys: the fact is the record, with its actor and source.
`;
}
