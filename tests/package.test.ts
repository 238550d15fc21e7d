import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot, version } from '../src/package-root.ts';

const run = promisify(execFile);

/** All but what is the test run's own: npm needs the machine's certificates and proxies. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(BROADSHEET_|VITEST|NODE_ENV$|NODE_OPTIONS$|DATABASE_URL$|SMTP_URL$|PUBLIC_URL$|npm_)/.test(name),
    ),
  ),
  NO_COLOR: '1',
};

/**
 * Lays the packages that the lockfile gives to production beside a package, as an installation does: what is for development
 * only cannot be found from there.
 */
function linkDependencies(modules: string): void {
  const lock: { packages: Record<string, { dev?: boolean }> } = JSON.parse(
    readFileSync(join(packageRoot, 'package-lock.json'), 'utf8'),
  );
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    const installed = join(packageRoot, path);
    // Of packages for other machines only the names are in the lockfile.
    if (!name || dev || !existsSync(installed)) continue;
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(installed, link);
  }
}

/** The package as it would be published, unpacked into an empty folder with its dependencies. The release installs it by npm. */
async function installed(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-package-'));
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const at = { cwd: packageRoot, env: environment };
  await run('npm', ['run', 'build', '--silent', '--', '--noCheck'], at);
  await run('npm', ['pack', '--pack-destination', folder, '--ignore-scripts'], at);
  const [tarball = ''] = readdirSync(folder);
  expect(tarball).toBe(`broadsheet-${version}.tgz`);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  await run('tar', ['-xzf', tarball, '-C', modules], { cwd: folder });
  await run('mv', [join(modules, 'package'), join(modules, 'broadsheet')]);
  linkDependencies(modules);
  return folder;
}

test('the packed tarball, unpacked into an empty folder, works', async () => {
  const folder = await installed();
  const unpacked = join(folder, 'node_modules/broadsheet');
  const { bin } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const program = join(unpacked, bin.broadsheet);
  const at = { cwd: folder, env: environment };
  const broadsheet = async (...args: string[]) =>
    (await run(process.execPath, [program, ...args], at)).stdout;

  expect(await broadsheet('--version')).toBe(`${version}\n`);
  const migrations = JSON.parse(await broadsheet('db', 'status', '--json'));
  expect(migrations).toHaveLength(readdirSync(join(packageRoot, 'migrations')).length);
  for (const migration of migrations) expect(migration).toMatchObject({ executedAt: null });

  // It keeps the database of the folder running for the commands below.
  const serve = spawn(process.execPath, [program, 'serve', '--no-worker', '--port', '0', '--json'], at);
  onTestFinished(() => void serve.kill('SIGKILL'));
  const ended = once(serve, 'exit');
  const { value } = await createInterface(serve.stdout)[Symbol.asyncIterator]().next();
  const { url } = JSON.parse(value ?? 'null');
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  const login = await (await fetch(`${url}/desk/login`)).text();
  const assets = [...login.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css)[^"]*)"/g)].map(
    ([, path = '']) => path,
  );
  expect(assets.length).toBeGreaterThan(1);
  for (const asset of assets) expect((await fetch(url + asset)).status, asset).toBe(200);

  await broadsheet('lists', 'create', 'readers');
  writeFileSync(join(folder, 'policy.json'), '{"minimumStories":1}');
  mkdirSync(join(folder, 'stories'));
  for (const what of ['bridge', 'harbour'])
    writeFileSync(join(folder, 'stories', `${what}.txt`), `The ${what} hums again\n\nAt night it hums.\n`);
  await broadsheet('stories', 'create', 'stories');
  for (const theme of ['broadsheet', 'briefing']) {
    await broadsheet(
      ...['newsletters', 'create', theme, '--from', 'a@example.com', '--cron', '0 7 * * *'],
      ...['--theme', theme, '--policy', 'policy.json', '--list', 'readers'],
    );
    expect(JSON.parse(await broadsheet('editions', 'build', theme, '--json'))).toMatchObject({
      state: 'review',
      theme,
    });
  }
  serve.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 400_000);
