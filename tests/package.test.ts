import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot, version } from '../src/package-root.ts';

const run = promisify(execFile);

test('the packed tarball, installed into an empty folder, works', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-package-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  // All but what is the test run's own: npm needs the machine's certificates and proxies.
  const own = /^(BROADSHEET_|VITEST|NODE_ENV$|NODE_OPTIONS$|DATABASE_URL$|SMTP_URL$|PUBLIC_URL$|npm_)/;
  const environment = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name))),
    NO_COLOR: '1',
  };

  await run('npm', ['run', 'build', '--silent'], { cwd: packageRoot, env: environment });
  await run('npm', ['pack', '--pack-destination', folder, '--ignore-scripts'], {
    cwd: packageRoot,
    env: environment,
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  expect(tarball).toBe(`broadsheet-${version}.tgz`);
  await run('npm', ['init', '-y'], { cwd: folder, env: environment });
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`], {
    cwd: folder,
    env: environment,
  });

  const broadsheet = async (...args: string[]) => {
    const { stdout } = await run(process.execPath, [join(folder, 'node_modules/.bin/broadsheet'), ...args], {
      cwd: folder,
      env: environment,
    });
    return stdout;
  };
  expect(await broadsheet('--version')).toBe(`${version}\n`);
  const migrations = JSON.parse(await broadsheet('db', 'status', '--json'));
  expect(migrations).toHaveLength(readdirSync(join(packageRoot, 'migrations')).length);
  for (const migration of migrations) expect(migration).toMatchObject({ executedAt: null });
  await broadsheet('lists', 'create', 'readers');
  for (const theme of ['broadsheet', 'briefing']) {
    const policy = '{"minimumStories":1}';
    await run(
      process.execPath,
      ['-e', `require('fs').writeFileSync('policy.json', ${JSON.stringify(policy)})`],
      { cwd: folder },
    );
    await run(
      process.execPath,
      [
        '-e',
        `require('fs').writeFileSync('${theme}.txt', 'The ${theme} hums again\\n\\nAt night it hums.\\n')`,
      ],
      { cwd: folder },
    );
    await broadsheet('stories', 'add', `${theme}.txt`);
    await broadsheet(
      'newsletters',
      'create',
      theme,
      '--from',
      'a@example.com',
      '--cron',
      '0 7 * * *',
      '--theme',
      theme,
      '--policy',
      'policy.json',
      '--list',
      'readers',
    );
    expect(JSON.parse(await broadsheet('editions', 'build', theme, '--json'))).toMatchObject({
      state: 'review',
      theme,
    });
  }
}, 400_000);
