// Starts the program as `--import tsx` does, in half the time: Node strips the types itself and keeps what it compiled; only JSX
// is transformed, once a content.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = join(import.meta.dirname, '../../node_modules/.cache/broadsheet-quick-start');
enableCompileCache(join(cache, 'compiled'));
mkdirSync(cache, { recursive: true });

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.tsx')) return next(url, context);
    const source = readFileSync(fileURLToPath(url), 'utf8');
    const file = join(cache, `${createHash('sha256').update(source).digest('hex')}.js`);
    return { format: 'module', source: kept(file) ?? transformed(source, file), shortCircuit: true };
  },
});

function kept(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function transformed(source, file) {
  const { transformSync } = createRequire(import.meta.url)('esbuild');
  const { code } = transformSync(source, {
    loader: 'tsx',
    jsx: 'automatic',
    format: 'esm',
    target: 'node24',
  });
  // Several processes may write it at once.
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  return code;
}
