// In a clone the TypeScript source runs as it is; the published package carries JavaScript in dist.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code is kept beside the packages (not in a folder for everybody): from the second time on, starting takes half
// the processor time. Where this account may not write, and under Deno, nothing is kept.
module.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/verve', import.meta.url)));

const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
await main(process.argv);
