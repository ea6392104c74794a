import { type ErrorCode, errorTable } from '../engine/errors.ts';
import { escapeHtml } from './pages/html.ts';
import { problemAdvice } from './problem-advice.ts';
import { servicePage } from './service-page.ts';

/** The page behind a problem's `type`: what happened and what to do about it. */
export function problemPage(code: ErrorCode): string {
  const { status, title } = errorTable[code];
  return servicePage(
    `${code} – Verve`,
    `<p><a href="/problems">All problems</a> · <a href="/docs">API</a></p><h1>${escapeHtml(title)}</h1>
    <p><code>${code}</code>, HTTP status ${status}</p><p>${escapeHtml(problemAdvice[code])}</p>
    <pre>${escapeHtml(JSON.stringify({ type: `/problems/${code}`, title, status, code, detail: '…', request_id: '…' }, null, 2))}</pre>`,
  );
}

/** Every problem that the API can answer with. */
export function problemIndexPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title }]) =>
      `<tr><td>${status}</td><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${escapeHtml(title)}</td></tr>`,
  );
  return servicePage(
    'Problems – Verve',
    `<p><a href="/docs">API</a></p><h1>Problems</h1><p>Every refusal is <code>application/problem+json</code> (RFC 9457). Decide by <code>code</code>; it never changes.</p>
    <table><thead><tr><th>Status</th><th>Code</th><th>What happened</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
  );
}
