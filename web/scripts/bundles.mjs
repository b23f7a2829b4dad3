// After the build: packs every file beside itself (.gz), and fails where the shell or a chunk is over its budget.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUILT = fileURLToPath(new URL('../../api/static/', import.meta.url));
const SHELL_KB = 260;
const CHUNK_KB = 420;

/** Pack a file; gives its packed size in kB. */
function pack(name) {
  const packed = gzipSync(readFileSync(join(BUILT, name)), { level: 9 });
  writeFileSync(join(BUILT, `${name}.gz`), packed);
  return packed.length / 1000;
}

const sizes = new Map();
for (const file of readdirSync(join(BUILT, 'assets'))) {
  if (/\.(js|css|svg|json)$/.test(file)) sizes.set(`assets/${file}`, pack(`assets/${file}`));
}
pack('index.html');
pack('licences.txt');

// What the page itself names is loaded before anything is shown.
const shell = [...readFileSync(join(BUILT, 'index.html'), 'utf8').matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)];
const shellSize = shell.reduce((sum, [, name]) => sum + (sizes.get(name) ?? 0), 0);
const tooLarge = [...sizes].filter(([, size]) => size > CHUNK_KB);

console.log(`shell ${shellSize.toFixed(1)} kB of ${SHELL_KB} kB gzip, ${sizes.size} files`);
for (const [name, size] of [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 8)) console.log(`  ${size.toFixed(1).padStart(7)} kB  ${name}`);
if (shellSize > SHELL_KB) {
  console.error(`The shell is over its budget of ${SHELL_KB} kB: load what it does not need at once with lazy().`);
  process.exit(1);
}
if (tooLarge.length > 0) {
  console.error(`Over the budget of ${CHUNK_KB} kB: ${tooLarge.map(([name]) => name).join(', ')}`);
  process.exit(1);
}
