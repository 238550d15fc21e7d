// `npm run build`: compiles src and migrations into dist, whose bin is `broadsheet`. Options are the compiler's (--noCheck).
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';

rmSync(join(packageRoot, 'dist'), { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [
    join(packageRoot, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(packageRoot, 'tsconfig.build.json'),
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// The desk puts its scripts together when it starts.
const islands = 'src/web/desk/islands';
cpSync(join(packageRoot, islands), join(packageRoot, 'dist', islands), { recursive: true });
chmodSync(join(packageRoot, 'dist/src/cli/main.js'), 0o755);
console.log('Built dist.');
