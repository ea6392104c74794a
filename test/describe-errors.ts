import { type ErrorCode, errorTable } from '../src/engine/errors.ts';
import { problemAdvice } from '../src/http/problem-advice.ts';

/** Writes docs/errors.md from the one table of refusals. */
export function describeErrors(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title }]) => `- \`${code}\` (${status}): ${title}. ${problemAdvice[code as ErrorCode]}`,
  );
  return `<!-- Made from src/engine/errors.ts and src/http/problem-advice.ts by "npm run generate"; do not edit. -->

# Errors

Every refusal is \`application/problem+json\` (RFC 9457): \`type\` (the address of a page like a row below, on every server at
\`/problems/{code}\`), \`title\`, \`status\`, \`code\`, \`detail\`, \`request_id\`, and \`errors\` with the fields to mend. Decide by
\`code\`: it never changes. Nothing that was sent is ever repeated in it. \`Retry-After\` is set where waiting helps.
Outside \`/api/\` a person in a browser (\`Accept: text/html\`) reads a page instead where nothing is found, or nobody can answer.

In the library the same codes come as \`VerveError.code\`.

What happened, and what to do:

${rows.join('\n')}
`;
}
