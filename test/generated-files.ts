import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CatalogReader } from '../src/server/catalog-repository.ts';
import { describePermissions } from '../src/server/describe-permissions.ts';
import { describeSchema } from '../src/server/describe-schema.ts';
import { describeTypes } from '../src/server/describe-types.ts';
import { describeAudit } from './describe-audit.ts';
import { describeClient } from './describe-client.ts';
import { describeErrors } from './describe-errors.ts';
import { describeSettings } from './describe-settings.ts';
import { openapiFile } from './openapi-document.ts';

/** A file that is made from others or from the migrated database, kept in the repository, and reviewed by its diff. */
export interface GeneratedFile {
  /** From the repository's root. */
  readonly path: string;
  readonly make: (reader: CatalogReader) => Promise<string>;
}

/** `npm run generate` writes them; test/generated.test.ts compares. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'sql/schema.sql', make: describeSchema },
  { path: 'src/engine/schema.generated.ts', make: describeTypes },
  { path: 'docs/permissions.md', make: async () => describePermissions() },
  { path: 'docs/audit.md', make: async () => describeAudit() },
  { path: 'docs/settings.md', make: describeSettings },
  { path: 'docs/openapi.json', make: async () => openapiFile() },
  { path: 'docs/errors.md', make: async () => describeErrors() },
  { path: 'src/client/operations.generated.ts', make: async () => describeClient() },
  { path: 'src/http/pages/assets/font.generated.ts', make: embedFont },
];

/** The pages carry their font in the code, so that they need no file system. */
async function embedFont(): Promise<string> {
  const font = await readFile(fromRoot('src/http/pages/assets/inter-latin.woff2'));
  const notice =
    '// Inter, Latin subset (inter-latin.woff2, SIL Open Font License 1.1). Made by "npm run generate"; do not edit.';
  return `${notice}\nexport const interLatin =\n  '${font.toString('base64')}';\n`;
}

/** Where a path of the repository lies on this machine. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
