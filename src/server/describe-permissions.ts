import { permissions, scopes } from '../engine/permissions.ts';

const yes: Readonly<Record<string, string>> = { own: 'own', scope: 'in scope', all: 'yes', never: '–' };

/** The page docs/permissions.md, written from the table in src/engine/permissions.ts. */
export function describePermissions(): string {
  const rows = Object.entries(permissions).map(([operation, rule]) => [
    `\`${operation}\``,
    yes[rule.peer_mentor] ?? '',
    yes[rule.coordinator] ?? '',
    yes[rule.org_admin] ?? '',
    rule.key === null ? '–' : `\`${rule.key}\``,
    'public' in rule ? 'yes' : '–',
    'notAboutOneself' in rule ? 'yes' : '',
  ]);
  const head = [
    'operation',
    'mentor',
    'coordinator',
    'administrator',
    'API key with',
    'anybody',
    'never about oneself',
  ];
  return `# Permissions

<!-- Written by "npm run generate" from src/engine/permissions.ts. -->

Who may do what, in the organisation in which they hold the role. The same table decides in the engine, makes the tests of
every combination, and is this page. Another organisation's things are not forbidden but not found (404); in one's own
organisation the answer is 403.

- **own**: what belongs to the mentor: the mentor's code, attributions and figures.
- **in scope**: a coordinator's role names a branch, and reaches all mentors in it and below it; without a branch it reaches the
  whole organisation. A coordinator of a branch does not reach mentors who belong to no branch.
- **never about oneself**: whoever is the mentor concerned may not do it, whatever the role.
- Somebody with several roles may do what any of them allows. The system itself (signed deliveries, reconciliation, imports,
  the host that embeds the engine) may do everything, and the record says that it was the system.
- Roles come from the table \`roles\` or from \`app_metadata\` of a verified token, never from \`user_metadata\`.

${table(head, rows)}

## Scopes of API keys

${scopes.map((scope) => `\`${scope}\``).join(', ')}. \`admin\` stands for what only administrators may; it holds none of the others.
\`organisations:create\` reaches beyond one organisation: only the installation gives it (\`verve key create\`, or the host).

## Two rules beside the table

- A mentor may rotate the own code three times in 30 days; after that a coordinator or administrator does it.
- When somebody ended a mentor's code, only who may \`code.reissue\` makes the next one. A mentor who left and is active again
  needs nobody's leave.
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
