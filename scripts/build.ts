// `npm run build`: compiles src and migrations into dist, whose bin is `broadsheet`.
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';

rmSync(join(packageRoot, 'dist'), { recursive: true, force: true });
const compiled = spawnSync(
  process.execPath,
  [join(packageRoot, 'node_modules/typescript/bin/tsc'), '-p', join(packageRoot, 'tsconfig.build.json')],
  { stdio: 'inherit' },
);
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
chmodSync(join(packageRoot, 'dist/src/cli/main.js'), 0o755);
console.log('Built dist.');
