/** `1BV4YW0SKS` as `1BV4Y-W0SKS`. Strings of another length stand as they are. */
export function groupCode(code: string): string {
  return code.length === 10 ? `${code.slice(0, 5)}-${code.slice(5)}` : code;
}

/** A code in large type; screen readers hear it character by character. */
export function LargeCode({ code }: { code: string }) {
  const spoken = [...code].join(' ');
  return (
    <p className="code">
      <span aria-hidden="true">{groupCode(code)}</span>
      <span className="vh">{spoken}</span>
    </p>
  );
}
