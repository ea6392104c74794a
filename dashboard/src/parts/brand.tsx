import { boot } from '../boot.ts';

/** The organisation's logo, or a tile with its first letter; the name stands beside it. */
export function Mark() {
  const { logoUrl, name } = boot.organisation;
  if (logoUrl !== null) return <img src={logoUrl} alt="" />;
  return (
    <span className="tile" aria-hidden="true">
      {(name[0] ?? '').toLocaleUpperCase('nb')}
    </span>
  );
}
