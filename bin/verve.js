#!/usr/bin/env node
// Plain old JavaScript: any Node can read this file, find itself too old, and say so. The rest is in start.js.
var parts = process.versions.node.split('.').map(Number);
var isNewEnough = parts[0] > 23 || (parts[0] === 23 && parts[1] >= 6) || (parts[0] === 22 && parts[1] >= 18);

if (isNewEnough) {
  import('./start.js');
} else {
  process.stderr.write(
    'Verve needs Node.js 22.18 or newer, better 24. This is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      'In a clone, "npm ci" installs a Node 24 for Linux on x64 that npm scripts use by themselves:\n' +
      '  npm start\n' +
      '  npm run verve -- --help\n' +
      'Elsewhere, install it from https://nodejs.org.\n',
  );
  process.exitCode = 2;
}
