// `npm run walk-through`, or before there are packages `node scripts/walk-through.mjs`: goes through README.md as somebody would who
// has nothing: a fresh clone, an empty home, and a PATH without Postgres and browsers; with Node 20 if this machine has it.
//   --here            this checkout instead of a clone of what is committed
//   --without-tests   all but `npm test`
// This part runs on that Node, up to the README's first command, which is to be `npm ci`; the rest is walk-through/walk.ts.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const checkout = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..');
const own = /^(node|npm|npx)$/;
const absent =
  /^(postgres|pg_|psql|initdb|createdb|dropdb|vacuumdb|chrom|google-chrome|firefox|msedge|tsx|tsc|nodejs|corepack|yarn|pnpm)/;
/** What a machine needs to reach the registry; none of it is Broadsheet's. */
const network =
  /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(registry|cafile|cache|userconfig))$/i;
const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);

const place = mkdtempSync(join(tmpdir(), 'broadsheet-walk-'));
// As root the database runs under another account, which has to get in here.
chmodSync(place, 0o755);
process.exitCode = 1;
try {
  const root = process.argv.includes('--here') ? checkout : clone();
  const env = environment();
  const version = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
  console.log(`== Node ${version}, home ${env.HOME}, in ${root}`);
  const [first] = /^npm .*$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  console.log(`== ${first}`);
  const status =
    first === 'npm ci' ? spawnSync('npm', ['ci'], { cwd: root, env, stdio: 'inherit' }).status : 1;
  if (status !== 0) console.log('walk-through: 0 passed, 1 failed');
  else {
    const node = join(root, 'node_modules/.bin/node');
    const rest = ['--import', 'tsx', 'scripts/walk-through/walk.ts', ...process.argv.slice(2)];
    process.exitCode = spawnSync(node, rest, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
  }
} finally {
  rmSync(place, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function clone() {
  const into = join(place, 'broadsheet');
  execFileSync('git', ['clone', '--quiet', checkout, into], { stdio: 'inherit' });
  return into;
}

/** An environment of which all is known: no settings, an empty home, and of the PATH what a bare system has. */
function environment() {
  const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => network.test(name)));
  const bin = join(place, 'bin');
  const home = join(place, 'home');
  mkdirSync(bin);
  mkdirSync(home);
  for (const folder of folders)
    for (const name of names(folder))
      if (!own.test(name) && !absent.test(name)) link(join(folder, name), name);
  const from = folders.find((folder) => isNode20(join(folder, 'node'))) ?? dirname(process.execPath);
  for (const name of ['node', 'npm', 'npx'])
    link(join([from, ...folders].find((folder) => names(folder).includes(name)) ?? from, name), name);
  return {
    // The registry and the packages that were fetched before are the machine's, as its proxy is.
    npm_config_cache: join(process.env.HOME ?? '', '.npm'),
    npm_config_userconfig: join(process.env.HOME ?? '', '.npmrc'),
    ...given,
    PATH: bin,
    HOME: home,
    LANG: 'C.UTF-8',
    WALK_THROUGH_DATA: join(place, 'data'),
  };

  function link(target, name) {
    try {
      symlinkSync(target, join(bin, name));
    } catch {
      // The first on the PATH has the name already.
    }
  }
}

function names(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isNode20(file) {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return stdout?.startsWith('v20.') ?? false;
}
