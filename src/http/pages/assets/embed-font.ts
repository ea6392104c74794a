// Writes font.generated.ts from inter-latin.woff2, so that the pages need no file system: `node src/http/pages/assets/embed-font.ts`.
import { readFile, writeFile } from 'node:fs/promises';

const here = new URL('./', import.meta.url);
const font = await readFile(new URL('inter-latin.woff2', here));
await writeFile(
  new URL('font.generated.ts', here),
  `// Inter, Latin subset (inter-latin.woff2, SIL Open Font License 1.1). Made by embed-font.ts; do not edit.\nexport const interLatin =\n  '${font.toString('base64')}';\n`,
);
