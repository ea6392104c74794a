/** Markup that is safe to send: everything that was put into it has been escaped. Only `html` and `markup` make it. */
export interface Html {
  readonly markup: string;
}

/** What may be put into a template: text is escaped, `null`, `undefined` and `false` leave nothing. */
export type HtmlValue = string | number | Html | readonly HtmlValue[] | null | undefined | false;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}

/** Declares markup of our own making to be safe: an icon, an SVG that our QR engine drew. Never give it anybody's text. */
export function markup(trusted: string): Html {
  return { markup: trusted };
}

/** Fills a template and escapes every value. Attributes must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let filled = strings[0] ?? '';
  values.forEach((value, index) => {
    filled += rendered(value) + (strings[index + 1] ?? '');
  });
  return { markup: filled };
}

function rendered(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('markup' in value) return value.markup;
  return value.map(rendered).join('');
}
