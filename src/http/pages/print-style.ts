// The style of what is printed: an A4 poster and an A4 sheet of ten cards (85 × 54 mm, the size of a bank card).

/**
 * The whole print style. Lengths are millimetres and points of the paper, on a narrower screen its parts; colours stand on
 * white whatever the screen's scheme.
 */
export function printStyle(fontUrl: string): string {
  return `
@font-face { font-family: Inter; src: url("${fontUrl}") format("woff2"); font-weight: 100 900; font-display: block; }
@page { size: A4 portrait; margin: 0; }
*, *::before, *::after { box-sizing: border-box; }
:root { color-scheme: light; --mm: 1mm; --pt: 1pt; }
@media screen and (max-width: 210mm) { :root { --mm: calc(100vw / 210); --pt: calc(100vw / 595.28); } }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; background: #e7e9e9; color: #0b1213; font: 400 calc(14 * var(--pt))/1.4 Inter, system-ui, "Liberation Sans", sans-serif; }
h1, h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
.hint { padding: 16px; text-align: center; font-size: 1rem; color: #222d2f; }
.sheet { width: calc(210 * var(--mm)); height: calc(297 * var(--mm)); margin: 0 auto; background: #ffffff; position: relative; overflow: hidden; }
.brand { display: flex; align-items: center; gap: calc(4 * var(--mm)); font-weight: 620; line-height: 1.25; min-width: 0; overflow-wrap: anywhere; }
.brand img, .tile { flex: none; }
.brand img { object-fit: contain; }
.tile { border: .3mm solid var(--accent-edge); display: grid; place-items: center; flex: none; background: var(--accent-base); color: var(--accent-contrast); }
.qr svg { display: block; width: 100%; height: auto; }
.code { font-weight: 660; letter-spacing: .04em; white-space: nowrap; }
.poster { padding: calc(22 * var(--mm)) calc(20 * var(--mm)) calc(18 * var(--mm)); display: grid; grid-template-rows: auto auto 1fr auto; gap: calc(9 * var(--mm)); justify-items: center; text-align: center; }
.poster::before { content: ""; position: absolute; inset: 0 0 auto; height: calc(8 * var(--mm)); background: var(--accent-base); }
.poster .brand { font-size: calc(20 * var(--pt)); justify-self: start; text-align: left; }
.poster .brand img, .poster .tile { width: calc(18 * var(--mm)); height: calc(18 * var(--mm)); border-radius: calc(5 * var(--mm)); }
.poster.long .brand { font-size: calc(16 * var(--pt)); }
.poster.longest .brand { font-size: calc(13 * var(--pt)); }
.poster h1 { font-size: calc(46 * var(--pt)); line-height: 1.08; font-weight: 680; letter-spacing: -.02em; text-wrap: balance; overflow-wrap: anywhere; }
.poster.long h1 { font-size: calc(32 * var(--pt)); line-height: 1.15; }
.poster.longest h1 { font-size: calc(24 * var(--pt)); line-height: 1.2; }
.poster .qr { height: 100%; max-height: calc(138 * var(--mm)); aspect-ratio: 1; min-height: 0; align-self: center; }
.poster .how { display: grid; gap: calc(4 * var(--mm)); justify-items: center; font-size: calc(17 * var(--pt)); text-wrap: balance; }
.poster .code { font-size: calc(30 * var(--pt)); }
.whole { white-space: nowrap; }
.cards { padding: calc(13.5 * var(--mm)) calc(20 * var(--mm)); display: grid; grid-template-columns: calc(85 * var(--mm)) calc(85 * var(--mm)); grid-auto-rows: calc(54 * var(--mm)); }
.card { border: .2mm dashed #737a7b; padding: calc(5 * var(--mm)); display: grid; grid-template-columns: 1fr calc(33 * var(--mm)); gap: calc(3 * var(--mm)); align-items: center; overflow: hidden; }
.card .words { display: flex; flex-direction: column; gap: calc(2.5 * var(--mm)); min-width: 0; max-height: calc(44 * var(--mm)); }
.card .words > * { flex: none; }
.card .brand { font-size: calc(9 * var(--pt)); gap: calc(2 * var(--mm)); }
.card .brand img, .card .tile { width: calc(7 * var(--mm)); height: calc(7 * var(--mm)); border-radius: calc(2 * var(--mm)); font-size: calc(9 * var(--pt)); }
.card h2 { font-size: calc(12 * var(--pt)); line-height: 1.15; font-weight: 660; text-wrap: balance; overflow-wrap: anywhere; }
.cards.long h2 { font-size: calc(10 * var(--pt)); }
.cards.longest .words h2 { flex: 0 1 auto; min-height: 0; overflow: hidden; font-size: calc(6 * var(--pt)); }
.cards.longest .words { gap: calc(1 * var(--mm)); }
.cards.long .brand span:not(.tile), .cards.longest .brand span:not(.tile) { display: none; }
.card .code { font-size: calc(10.5 * var(--pt)); }
.card .url { font-size: calc(7.5 * var(--pt)); line-height: 1.25; overflow-wrap: anywhere; }
.cards.longest .url { font-size: calc(6 * var(--pt)); }
.cards.longest .brand img, .cards.longest .tile { width: calc(5 * var(--mm)); height: calc(5 * var(--mm)); }
@media print { .hint { display: none; } body { background: #ffffff; } .sheet { margin: 0; } }`;
}
