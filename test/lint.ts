// Runs Biome directly: its npm wrapper pulls in every platform's binary, which not every registry has.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const biome = fileURLToPath(new URL('node_modules/@biomejs/cli-linux-x64/biome', root));

if (existsSync(biome)) {
  const { status } = spawnSync(biome, ['check', ...process.argv.slice(2), '.'], {
    cwd: fileURLToPath(root),
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} else {
  console.log(
    `Lint is skipped: Biome is installed for linux-x64 only, and this is ${process.platform}-${process.arch}.`,
  );
}
