import { fileURLToPath } from 'node:url';
import type { CatalogReader } from '../src/server/catalog-repository.ts';
import { describeSchema } from '../src/server/describe-schema.ts';
import { describeTypes } from '../src/server/describe-types.ts';

/** A file that is made from the migrated database, kept in the repository, and reviewed by its diff. */
export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string;
  readonly make: (reader: CatalogReader) => Promise<string>;
}

/** `npm run generate` writes them; test/generated.test.ts compares. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'sql/schema.sql', make: describeSchema },
  { path: 'src/engine/schema.generated.ts', make: describeTypes },
];

/** Where a path of the repository lies on this machine. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
