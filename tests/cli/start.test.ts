import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { groups } from '../../src/cli/program.ts';
import { packageRoot } from '../../src/package-root.ts';

// A process starts, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
/** What takes long to load, and no description of a command needs. */
const heavy = [
  'kysely',
  'zod',
  'pg',
  'nodemailer',
  'linkedom',
  'mjml',
  'react',
  '@clack/prompts',
  'chevrotain',
];

/** The packages that are loaded when groups of commands are described. */
async function loadedBy(wanted: readonly string[]): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({ load(url, context, next) {
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
      if (name) loaded.add(name);
      return next(url, context);
    } });
    const { createProgram } = await import('./src/cli/program.ts');
    await createProgram(${JSON.stringify(wanted)});
    console.log(JSON.stringify([...loaded]));`;
  const { stdout } = await run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH },
  });
  return JSON.parse(stdout);
}

test('commands are described without what they need to run', async () => {
  // "subscribers" describes imports and exports with what reads and writes them.
  const loaded = await loadedBy(Object.keys(groups).filter((name) => name !== 'subscribers'));
  expect(loaded).toContain('commander');
  expect(loaded.filter((name) => heavy.includes(name))).toEqual([]);
});
