// The keeper: a small process that starts the embedded Postgres, restarts it when it dies, and stops it when the
// last process that uses it has gone. Users hold a connection to the keeper's socket; the kernel closes it however
// they end, kill -9 included. It is run by plain Node, without a loader: it imports built-in modules and locate.ts
// alone, and its types are erasable.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError, keeperSocket, type Location, locate } from './locate.ts';

const majorVersion = '18';
const startTimeoutMs = 60_000;
const exitAnotherKeeper = 3;

const [home = '', settingsJson = '{}'] = process.argv.slice(2);
const settings: Record<string, string> = JSON.parse(settingsJson);

let location: Location;
let stopping = false;
let server: ChildProcess | undefined;
let serverPid = 0;
const users = new Set<Socket>();

for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('SIGTERM', () => void stop());

try {
  location = locate(home);
  // An exclusive SQLite lock is a file lock of the operating system's: it goes when this process goes, so there is
  // no stale lock to clear and there are never two keepers.
  const lock = new DatabaseSync(join(home, 'keeper.lock'));
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    if (/locked|busy/i.test((error as Error).message)) process.exit(exitAnotherKeeper);
    throw error;
  }
  rmSync(errorFile(), { force: true });
  initialise();
  await start();
  listen();
} catch (error) {
  try {
    writeFileSync(errorFile(), JSON.stringify({ message: sentence(error) }));
  } catch {
    // The disk may be full: the user of the keeper then reads our standard error.
  }
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
}

function errorFile(): string {
  return join(home, 'keeper-error.json');
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/ENOSPC|No space left|disk is full|could not extend|not enough space/i.test(text))
    return `The disk that holds ${home} is full. Free some space, or set BROADSHEET_HOME to a folder on another disk, and start again.`;
  if (/EACCES|EPERM|Permission denied/i.test(text) && !(error instanceof EmbeddedError))
    return `Broadsheet may not write to ${home} (${text}). Make it writable for this user, or set BROADSHEET_HOME to another folder.`;
  return text;
}

function runOptions() {
  return location.account ? { uid: location.account.uid, gid: location.account.gid } : {};
}

/** What Postgres' programs are started with: whoever has a Postgres of their own may have set PGPORT and the like for that one. */
function environment(more: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^PG[A-Z]/i.test(name));
  return { ...Object.fromEntries(kept), ...more };
}

function program(name: string): string {
  return join(location.native, 'bin', name);
}

/** Makes the data folder where there is none. A half-made one never has the final name. */
function initialise(): void {
  const parent = join(location.data, '..');
  for (const entry of readdirSync(parent))
    if (entry.startsWith('data.new-')) rmSync(join(parent, entry), { recursive: true, force: true });

  if (existsSync(location.data)) {
    const versionFile = join(location.data, 'PG_VERSION');
    const found = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : undefined;
    if (found === majorVersion) return;
    throw new EmbeddedError(
      found
        ? `The data folder ${location.data} was made by Postgres ${found}, and this Broadsheet brings Postgres ${majorVersion}. Use the Broadsheet that made it to back it up and restore here, or set BROADSHEET_HOME to a new folder.`
        : `The folder ${location.data} is no Postgres data folder (it has no PG_VERSION). Move it away, or set BROADSHEET_HOME to another folder.`,
    );
  }

  const part = `${location.data}.new-${process.pid}`;
  const made = spawnSync(
    program('initdb'),
    [
      '-D',
      part,
      '-U',
      'broadsheet',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale-provider=builtin',
      '--locale=C.UTF-8',
      '--no-instructions',
      // Who does without fsync later does without it here.
      ...(settings.fsync === 'off' ? ['--no-sync'] : []),
    ],
    { ...runOptions(), cwd: parent, encoding: 'utf8', env: environment({ LC_ALL: 'C', TZ: 'UTC' }) },
  );
  if (made.status !== 0) {
    rmSync(part, { recursive: true, force: true });
    throw new EmbeddedError(
      sentence(new Error(`initdb failed: ${lastLines(made.stderr || String(made.error))}`)),
    );
  }
  const created = spawnSync(program('postgres'), ['--single', '-D', part, 'postgres'], {
    ...runOptions(),
    cwd: parent,
    encoding: 'utf8',
    input: 'create database broadsheet\n',
    env: environment({}),
  });
  if (created.status !== 0) {
    rmSync(part, { recursive: true, force: true });
    throw new EmbeddedError(
      sentence(new Error(`The database could not be created: ${lastLines(created.stderr)}`)),
    );
  }
  renameSync(part, location.data);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-6).join(' ').slice(0, 600);
}

/** Starts the server, or takes over one whose keeper was killed. Resolves when it accepts connections. */
async function start(): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const running = postmaster();
    if (running && isPostgres(running.pid)) {
      if (running.ready) {
        serverPid = running.pid;
        void watchAdopted(running.pid);
        return;
      }
    } else {
      // The pid belongs to a dead or foreign process: Postgres would refuse to start beside a foreign one.
      if (running) rmSync(join(location.data, 'postmaster.pid'), { force: true });
      if (await launch(deadline)) return;
    }
    if (Date.now() > deadline)
      throw new EmbeddedError(
        `The embedded Postgres did not start within ${startTimeoutMs / 1000} s. Its log is ${location.log}.`,
      );
    await sleep(100);
  }
}

async function launch(deadline: number): Promise<boolean> {
  rotateLog();
  const log = openSync(location.log, 'a');
  const logStart = statSync(location.log).size;
  const options = {
    listen_addresses: '',
    // It is part of the socket's name, and clients ask for this one.
    port: '5432',
    unix_socket_directories: location.run,
    unix_socket_permissions: '0700',
    max_connections: '200',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    // What asks about all editions locks the tables of each, and their indexes.
    max_locks_per_transaction: '256',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const child = spawn(
    program('postgres'),
    ['-D', location.data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...runOptions(),
      cwd: location.data,
      stdio: ['ignore', log, log],
      env: environment({ LC_ALL: 'C' }),
    },
  );
  closeSync(log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
    if (server === child && !stopping) void restart();
  });
  child.once('error', () => {
    ended = true;
  });
  while (!ended && Date.now() < deadline) {
    const state = postmaster();
    if (state?.pid === child.pid && state?.ready) {
      server = child;
      serverPid = child.pid ?? 0;
      return true;
    }
    await sleep(10);
  }
  const said = readFileSync(location.log, 'utf8').slice(logStart);
  // Left-over backends of a killed server go within a moment; a full disk does not.
  if (/still in use|already exists|being shut down|shutting down/i.test(said)) return false;
  throw new EmbeddedError(
    sentence(
      new Error(`The embedded Postgres did not start: ${lastLines(said)} Its log is ${location.log}.`),
    ),
  );
}

async function restart(): Promise<void> {
  server = undefined;
  try {
    await start();
    for (const user of users) user.write(`${JSON.stringify({ restarted: true })}\n`);
  } catch (error) {
    appendFileSync(location.log, `keeper: ${sentence(error)}\n`);
    process.exit(1);
  }
}

// A server that another keeper started is not our child: there is no exit event to wait for.
async function watchAdopted(pid: number): Promise<void> {
  while (!stopping && alive(pid)) await sleep(500);
  if (!stopping) await restart();
}

function rotateLog(): void {
  if (existsSync(location.log) && statSync(location.log).size > 10_000_000)
    renameSync(location.log, `${location.log}.1`);
  if (!existsSync(location.log)) writeFileSync(location.log, '', { mode: 0o600 });
  if (location.account) chownSync(location.log, location.account.uid, location.account.gid);
}

/** What postmaster.pid says: its first line is the pid, its eighth the server's state (pg_ctl reads it so too). */
function postmaster(): { pid: number; ready: boolean } | undefined {
  try {
    const lines = readFileSync(join(location.data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isPostgres(pid: number): boolean {
  if (!alive(pid)) return false;
  if (process.platform === 'linux') {
    try {
      const state = /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return state !== 'Z' && readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
    } catch {
      return false;
    }
  }
  return spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(
    'postgres',
  );
}

function listen(): void {
  const path = keeperSocket(location);
  rmSync(path, { force: true });
  mkdirSync(location.run, { recursive: true });
  const listener = createServer((socket) => {
    if (stopping) return void socket.destroy();
    users.add(socket);
    let leaving = false;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (leaving || !data.includes('bye')) return;
      leaving = true;
      users.delete(socket);
      if (users.size > 0) socket.end(`${JSON.stringify({ stopped: false })}\n`);
      else
        void stop().then(() => socket.end(`${JSON.stringify({ stopped: true })}\n`, () => process.exit(0)));
    });
    socket.on('close', () => {
      users.delete(socket);
      if (!leaving && users.size === 0) void stop().then(() => process.exit(0));
    });
    socket.write(`${JSON.stringify({ ready: true, run: location.run })}\n`);
  });
  listener.listen(path);
  // Nobody came: whoever started this keeper was killed before it could join.
  setTimeout(() => {
    if (users.size === 0 && !stopping) void stop().then(() => process.exit(0));
  }, 5000);
}

/** Fast shutdown: connections are closed, everything committed is on disk. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  rmSync(keeperSocket(location), { force: true });
  const pid = serverPid;
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It is gone already.
  }
  const deadline = Date.now() + 30_000;
  while (alive(pid) && Date.now() < deadline) await sleep(5);
  if (!users.size && process.exitCode === undefined) setTimeout(() => process.exit(0), 500);
}
