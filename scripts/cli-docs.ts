// `npm run docs:cli`: writes docs/cli.md from the tree of commands.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProgram } from '../src/cli/program.ts';
import { cliReference } from '../src/cli/reference.ts';
import { packageRoot } from '../src/package-root.ts';

writeFileSync(join(packageRoot, 'docs/cli.md'), cliReference(await createProgram()));
console.log('Wrote docs/cli.md.');
