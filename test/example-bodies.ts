/** Each place in an example where a text stands, as the way to it. */
export function textPlaces(value: unknown, way: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'string') return [way];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    textPlaces(inner, [...way, Array.isArray(value) ? Number(key) : key]),
  );
}

/** The example with another text in one place. */
export function withText(value: unknown, [step, ...rest]: (string | number)[], text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((inner, index) => (index === step ? withText(inner, rest, text) : inner));
  return { ...(value as object), [step]: withText((value as Record<string, unknown>)[String(step)], rest, text) };
}
