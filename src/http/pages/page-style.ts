// The style of the public pages, as drawn (public-join, public-code-ended). Accent tones come from the organisation.

const tokens = `
:root { color-scheme: light dark;
  --page: #f5f7f7; --ground: #ffffff; --text: #222d2f; --text-subtle: #565f60; --hair: #dfe5e5; --control: #737a7b;
  --danger-ground: #faf2f1; --danger-border: #c45650; --danger-text: #b3261e;
  --success-ground: #edf5f1; --success-border: #97c6ab; --success-text: #0a6c34; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14191a; --ground: #21292b; --text: #ececec; --text-subtle: #a5a8a9; --hair: #4b5153; --control: #7d8283;
  --danger-ground: #351613; --danger-border: #b56e67; --danger-text: #e3b0ad;
  --success-ground: #112316; --success-border: #2b5938; --success-text: #8db097; } }`;

const base = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; hyphens: auto;
  font: 400 1.0625rem/1.5 Inter, system-ui, "Liberation Sans", sans-serif; font-feature-settings: "cv11", "ss03"; }
h1, h2, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }
p, li { text-wrap: pretty; }
h1 { font-size: 1.875rem; line-height: 1.25; font-weight: 640; letter-spacing: -.018em; text-wrap: balance; }
h2 { font-size: 1.1875rem; line-height: 1.35; font-weight: 620; letter-spacing: -.01em; }
a { color: var(--accent-text); text-underline-offset: 3px; text-decoration-thickness: 1px; }
svg { flex: none; }
.icon { width: 1.25em; height: 1.25em; margin-top: .125em; }
.sub { color: var(--text-subtle); }
.small { font-size: .875rem; line-height: 1.45; }
.lead { font-size: 1.125rem; }
.aside { font-size: 1rem; }
.centre { text-align: center; }
.vh { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.stack { display: grid; gap: 8px; }
.wide { gap: 16px; }
.rule { padding-top: 24px; border-top: 1px solid var(--hair); gap: 12px; }
.skip { position: absolute; left: 16px; top: -80px; background: var(--ground); padding: 12px 16px; border-radius: 8px; z-index: 1; }
.skip:focus { top: 12px; }
:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; box-shadow: 0 0 0 2px var(--ground); border-radius: 6px; }
main:focus { outline: none; }`;

const layout = `
.page { max-width: 480px; margin: 0 auto; min-height: 100vh; display: flex; flex-direction: column; }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 12px; padding: 8px 8px 8px 16px; min-height: 60px; }
.brand { flex: 1; display: flex; align-items: center; gap: 10px; min-width: min(100%, 9rem); padding-block: 4px; font-weight: 620; line-height: 1.25; letter-spacing: -.01em; }
.brand img, .tile { width: 34px; height: 34px; flex: none; object-fit: contain; }
.tile { display: grid; place-items: center; border-radius: 9px; border: 1px solid var(--accent-edge); background: var(--accent-base); color: var(--accent-contrast); font-weight: 620; }
main { flex: 1; padding: 4px 20px 20px; display: grid; gap: 20px; align-content: start; }
.bar + main.ended { padding-top: 20px; gap: 24px; }
.ended h1 { font-size: 1.75rem; }
.tint { background: var(--accent-tint); border: 1px solid transparent; border-radius: 14px; padding: 15px 17px; display: grid; gap: 10px; }
.tint h2 { font-size: 1.0625rem; }
.tint li { display: flex; align-items: flex-start; gap: 10px; font-size: 1rem; }
.emblem { width: 60px; height: 60px; border-radius: 18px; display: grid; place-items: center; background: var(--accent-tint); color: var(--accent-text); font-size: 1.5rem; }
.emblem svg { width: 1.25em; height: 1.25em; }
.foot { padding: 8px 20px 20px; display: flex; gap: 0 16px; flex-wrap: wrap; }
.foot a { display: inline-flex; align-items: center; min-height: 48px; }
.alert { padding: 14px 16px; border-radius: 10px; display: grid; gap: 6px; background: var(--success-ground); border: 1px solid var(--success-border); }
.alert.danger { background: var(--danger-ground); border-color: var(--danger-border); }
.alert.danger a { color: var(--danger-text); display: flex; align-items: center; min-height: 48px; }`;

const signIn = `
.signin { min-height: 100vh; display: grid; grid-template-rows: 1fr auto; padding: 24px 20px; background: var(--page); }
.signin main { width: 100%; max-width: 440px; margin: auto; padding: 0; flex: none; gap: 28px; }
.signin .head { display: grid; gap: 18px; justify-items: center; text-align: center; }
.signin .head img, .signin .head .tile { width: 64px; height: 64px; border-radius: 18px; font-size: 1.5rem; }
.signin h1 { font-size: 1.75rem; }
.signin .card { display: grid; gap: 22px; padding: 28px; background: var(--ground); border: 1px solid var(--hair); border-radius: 14px; }
.signin .foot { justify-content: center; }
@media (max-width: 480px) { .signin .card { padding: 20px; } }`;

const controls = `
.btn { display: flex; width: 100%; align-items: center; justify-content: center; gap: 8px; min-height: 48px; padding: 10px 20px; border-radius: 10px;
  border: 1px solid var(--accent-edge); font: inherit; font-weight: 560; text-align: center; text-decoration: none; cursor: pointer;
  background: var(--accent-base); color: var(--accent-contrast); }
.btn:hover { background: var(--accent-hover); }
.btn.second { background: var(--ground); border-color: var(--accent-border); color: var(--accent-text); }
.btn.second:hover { background: var(--accent-tint); color: var(--accent-strong); }
.link { display: inline-flex; align-items: center; min-height: 48px; padding: 6px 12px; border-radius: 8px; font-weight: 560; font-size: .9375rem; text-decoration: none; flex: none; }
form { display: grid; gap: 16px; }
form.close { gap: 10px; }
.field { display: grid; gap: 6px; }
.field label { font-weight: 560; }
.field label .sub { font-weight: 400; }
.input { width: 100%; min-height: 48px; padding: 10px 14px; border: 1px solid var(--control); border-radius: 8px; background: var(--ground); color: inherit; font: inherit; }
select.input { appearance: none; padding-right: 40px; background: linear-gradient(45deg, transparent 43%, currentcolor 43% 57%, transparent 57%) right 20px center / 7px 7px no-repeat, linear-gradient(-45deg, transparent 43%, currentcolor 43% 57%, transparent 57%) right 14px center / 7px 7px no-repeat, var(--ground); }
@media (forced-colors: active) { select.input { appearance: auto; background: Field; } }
.input[aria-invalid] { border: 2px solid var(--danger-border); padding: 9px 13px; }
.wrong { color: var(--danger-text); font-weight: 520; font-size: 1rem; }
.consent { display: grid; gap: 4px; font-size: 1rem; }
.consent label { display: flex; align-items: flex-start; gap: 12px; padding: 6px 0; min-height: 48px; }
.consent input { width: 1.5rem; height: 1.5rem; flex: none; margin: 1px 0 0; accent-color: var(--accent-tick); }
.consent .wrong { margin-left: calc(1.5rem + 12px); }
@media (forced-colors: active) { .btn { border-color: currentColor; } }
@media (prefers-reduced-motion: no-preference) { .btn { transition: background-color .15s ease-out; } }
@media (max-width: 350px) { main, .foot { padding-inline: 16px; } }
@media print { .bar .link, .foot, .skip { display: none; } }`;

/** The whole style. `fontUrl` is the address of the Inter font, on our own host. */
export function pageStyle(fontUrl: string): string {
  const font = `@font-face { font-family: Inter; src: url("${fontUrl}") format("woff2"); font-weight: 100 900; font-display: swap; }`;
  return [font, tokens, base, layout, signIn, controls].join('\n');
}
