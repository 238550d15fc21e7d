import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/** Compiles the program, as `npm run build` does, into a folder of its own. @returns its main file, and how to remove it */
export function buildProgram(): { main: string; remove(): void } {
  // Below the package, so that it finds what it imports.
  const folder = join(packageRoot, `node_modules/.cache/broadsheet-soak/${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const compiled = spawnSync(
    process.execPath,
    [
      join(packageRoot, 'node_modules/typescript/bin/tsc'),
      ...['-p', join(packageRoot, 'tsconfig.build.json'), '--noCheck', '--outDir', folder],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if (compiled.status !== 0) throw new Error('The program could not be built.');
  const islands = 'src/web/desk/islands';
  cpSync(join(packageRoot, islands), join(folder, islands), { recursive: true });
  return {
    main: join(folder, 'src/cli/main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
