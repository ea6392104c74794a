// The style of what is printed: an A4 poster and an A4 sheet of ten cards (85 × 54 mm, the size of a bank card).

/** The whole print style. Lengths are millimetres, colours stand on white whatever the screen's scheme. */
export function printStyle(fontUrl: string): string {
  return `
@font-face { font-family: Inter; src: url("${fontUrl}") format("woff2"); font-weight: 100 900; font-display: block; }
@page { size: A4 portrait; margin: 0; }
*, *::before, *::after { box-sizing: border-box; }
:root { color-scheme: light; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0; background: #e7e9e9; color: #0b1213; font: 400 14pt/1.4 Inter, system-ui, "Liberation Sans", sans-serif; }
h1, h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
.hint { padding: 16px; text-align: center; font-size: 1rem; color: #222d2f; }
.sheet { width: 210mm; height: 297mm; margin: 0 auto; background: #ffffff; position: relative; overflow: hidden; }
.brand { display: flex; align-items: center; gap: 4mm; font-weight: 620; line-height: 1.25; min-width: 0; overflow-wrap: anywhere; }
.brand img, .tile { flex: none; }
.brand img { object-fit: contain; }
.tile { border: .3mm solid var(--accent-edge); display: grid; place-items: center; flex: none; background: var(--accent-base); color: var(--accent-contrast); }
.qr svg { display: block; width: 100%; height: auto; }
.code { font-weight: 660; letter-spacing: .04em; white-space: nowrap; }
.poster { padding: 22mm 20mm 18mm; display: grid; grid-template-rows: auto auto 1fr auto; gap: 9mm; justify-items: center; text-align: center; }
.poster::before { content: ""; position: absolute; inset: 0 0 auto; height: 8mm; background: var(--accent-base); }
.poster .brand { font-size: 20pt; justify-self: start; text-align: left; }
.poster .brand img, .poster .tile { width: 18mm; height: 18mm; border-radius: 5mm; }
.poster.long .brand { font-size: 16pt; }
.poster.longest .brand { font-size: 13pt; }
.poster h1 { font-size: 46pt; line-height: 1.08; font-weight: 680; letter-spacing: -.02em; text-wrap: balance; overflow-wrap: anywhere; }
.poster.long h1 { font-size: 32pt; line-height: 1.15; }
.poster.longest h1 { font-size: 24pt; line-height: 1.2; }
.poster .qr { height: 100%; max-height: 138mm; aspect-ratio: 1; min-height: 0; align-self: center; }
.poster .how { display: grid; gap: 4mm; justify-items: center; font-size: 17pt; text-wrap: balance; }
.poster .code { font-size: 30pt; }
.whole { white-space: nowrap; }
.cards { padding: 13.5mm 20mm; display: grid; grid-template-columns: 85mm 85mm; grid-auto-rows: 54mm; }
.card { border: .2mm dashed #737a7b; padding: 5mm; display: grid; grid-template-columns: 1fr 33mm; gap: 3mm; align-items: center; overflow: hidden; }
.card .words { display: flex; flex-direction: column; gap: 2.5mm; min-width: 0; max-height: 44mm; }
.card .words > * { flex: none; }
.card .brand { font-size: 9pt; gap: 2mm; }
.card .brand img, .card .tile { width: 7mm; height: 7mm; border-radius: 2mm; font-size: 9pt; }
.card h2 { font-size: 12pt; line-height: 1.15; font-weight: 660; text-wrap: balance; overflow-wrap: anywhere; }
.cards.long h2 { font-size: 10pt; }
.cards.longest .words h2 { flex: 0 1 auto; min-height: 0; overflow: hidden; font-size: 6pt; }
.cards.longest .words { gap: 1mm; }
.cards.long .brand span:not(.tile), .cards.longest .brand span:not(.tile) { display: none; }
.card .code { font-size: 10.5pt; }
.card .url { font-size: 7.5pt; line-height: 1.25; overflow-wrap: anywhere; }
.cards.longest .url { font-size: 6pt; }
.cards.longest .brand img, .cards.longest .tile { width: 5mm; height: 5mm; }
@media print { .hint { display: none; } body { background: #ffffff; } .sheet { margin: 0; } }`;
}
