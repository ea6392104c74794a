import { escapeHtml } from './pages/html.ts';

const style = `
:root{color-scheme:light dark;--ink:#1c2326;--soft:#566066;--line:#d5dadd;--paper:#fff;--tint:#f3f5f6;--accent:#0b5d66}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecee;--soft:#a4afb5;--line:#394247;--paper:#14191b;--tint:#1d2427;--accent:#7cc9d2}}
*{box-sizing:border-box}body{margin:0;font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}h1{font-size:1.75rem;line-height:1.2}h2{margin-top:2.5rem;font-size:1.3rem}
a{color:var(--accent)}code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:var(--tint);padding:.75rem;overflow:auto;border-radius:8px}
details{border:1px solid var(--line);border-radius:8px;margin:.5rem 0;padding:0 .9rem}summary{padding:.6rem 0;cursor:pointer}
details[open] summary{border-bottom:1px solid var(--line);margin-bottom:.6rem}.method{display:inline-block;min-width:4.2em;font-weight:650}
.soft{color:var(--soft)}table{border-collapse:collapse;width:100%;margin:.5rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line)}
code{overflow-wrap:anywhere}
@media(max-width:40rem){thead{display:none}tbody tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}tbody td{display:block;border:0;padding:0}}
nav ul{columns:2;padding-left:1.2rem}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

/** A page of the service itself: self-contained, without script, readable in light and dark. `body` is trusted HTML. */
export function servicePage(title: string, body: string): string {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}
