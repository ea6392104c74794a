import { readFile } from 'node:fs/promises';
import { fromRoot } from './generated-files.ts';

/** The files that a page of docs/ tells its reader to make, by name, as they stand there. */
export async function readDocsFiles(page: string): Promise<Map<string, string>> {
  const text = await readFile(fromRoot(`docs/${page}`), 'utf8');
  const files = new Map<string, string>();
  for (const [, name, content] of text.matchAll(/<!-- file: (\S+) -->\n\n```\w+\n([\s\S]*?)```/g)) {
    files.set(name as string, content as string);
  }
  return files;
}
