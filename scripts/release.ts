// `npm run release -- VERSION [--dry-run] [--skip-tests]`: makes a release of this checkout (scripts/release/release.ts).
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../src/errors.ts';
import { packageRoot } from '../src/package-root.ts';
import { release } from './release/release.ts';

try {
  const { values, positionals } = parseArgs({
    options: { 'dry-run': { type: 'boolean' }, 'skip-tests': { type: 'boolean' } },
    allowPositionals: true,
  });
  const [version, ...more] = positionals;
  if (!version || more.length > 0)
    throw new UserError('Name the version: npm run release -- 1.2.3 [--dry-run] [--skip-tests]');
  release(packageRoot, version, {
    dryRun: values['dry-run'],
    skipTests: values['skip-tests'],
    now: new Date(),
    tell: (line) => console.log(`== ${line}`),
  });
} catch (error) {
  console.error(messageOf(error));
  if (error instanceof UserError && error.hint) console.error(error.hint);
  process.exitCode = 1;
}
