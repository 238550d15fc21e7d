import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../../src/package-root.ts';

/** What Node takes to run TypeScript as `--import tsx` does, in half the time. */
export const quickly = ['--import', pathToFileURL(join(import.meta.dirname, 'quick-start.mjs')).href];

/** What Node takes to run the program; its arguments follow. */
export const program = [...quickly, join(packageRoot, 'src/cli/main.ts')];
