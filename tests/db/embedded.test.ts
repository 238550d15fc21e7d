import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { joinEmbedded, type Lease } from '../../src/db/embedded/join.ts';
import { quickly } from '../support/program.ts';

// Each test runs servers of its own, apart from the one that the other tests share.
function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-pg-'));
  // As root the server runs under another account, which has to get in here.
  chmodSync(home, 0o755);
  onTestFinished(async () => {
    for (let tries = 0; tries < 100 && serverPid(home); tries++) await sleep(50);
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return home;
}

const fast = { fsync: 'off', shared_buffers: '16MB' };

function dataFolder(home: string): string {
  const note = join(home, 'postgres-location');
  return join(
    existsSync(note) ? readFileSync(note, 'utf8').trim() : join(realpathSync(home), 'postgres'),
    'data',
  );
}

function serverPid(home: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataFolder(home), 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

async function query(lease: Lease, sql: string): Promise<unknown> {
  const client = new pg.Client({ host: lease.socketFolder, user: 'broadsheet', database: 'broadsheet' });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** A process of its own that holds a lease until it is told to stop. */
async function holder(home: string): Promise<ChildProcess> {
  const script = `
    import { joinEmbedded } from ${JSON.stringify(join(import.meta.dirname, '../../src/db/embedded/join.ts'))};
    const lease = await joinEmbedded(${JSON.stringify(home)}, ${JSON.stringify(fast)});
    console.log('joined');
    process.stdin.once('data', async () => { await lease.release(); process.exit(0); });`;
  const child = spawn(process.execPath, [...quickly, '--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`holder ended with ${code}`)));
  });
  return child;
}

const ended = (child: ChildProcess) => new Promise<void>((resolve) => child.once('exit', () => resolve()));

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (condition()) return;
    await sleep(50);
  }
  throw new Error(`timed out waiting until ${what}`);
}

test('the first to come starts the server, others join, the last one out stops it', async () => {
  const home = newHome();
  const first = await joinEmbedded(home, fast);
  const other = await holder(home);
  const pid = serverPid(home);
  expect(await query(first, 'select 40 + 2')).toBe(42);
  await first.release();
  expect(serverPid(home)).toBe(pid);
  other.stdin?.write('stop\n');
  await ended(other);
  expect(serverPid(home)).toBeUndefined();
});

test('what the environment says of another Postgres is not for ours', async () => {
  const home = newHome();
  const source = (path: string) => JSON.stringify(join(import.meta.dirname, '../../src', path));
  const script = `
    const { joinEmbedded } = await import(${source('db/embedded/join.ts')});
    const { openDatabase } = await import(${source('db/connect.ts')});
    const { prepareQueues } = await import(${source('schedule/queues.ts')});
    const lease = await joinEmbedded(${JSON.stringify(home)}, ${JSON.stringify(fast)});
    const database = await openDatabase({ home: ${JSON.stringify(home)} });
    await prepareQueues(database.connection);
    const { rows } = await database.pool.query("select current_setting('search_path') as path, to_regclass('pgboss.job') as job");
    console.log(JSON.stringify(rows));
    await database.close();
    await lease.release();`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...quickly, '--input-type=module', '-e', script],
    {
      env: {
        ...process.env,
        ...{ PGPORT: '5433', PGSSLMODE: 'require', PGHOST: 'db.invalid', PGDATA: '/nowhere' },
        ...{ PGUSER: 'somebody', PGOPTIONS: '-c search_path=elsewhere' },
      },
    },
  );
  expect(JSON.parse(stdout)).toEqual([{ path: '"$user", public', job: 'pgboss.job' }]);
});

test('processes that start at the same moment make one server', async () => {
  const home = newHome();
  const leases = await Promise.all([
    joinEmbedded(home, fast),
    joinEmbedded(home, fast),
    holder(home),
    holder(home),
  ]);
  const pid = serverPid(home);
  expect(pid).toBeDefined();
  expect(await query(leases[0], 'select 1')).toBe(1);
  await leases[0].release();
  await leases[1].release();
  expect(serverPid(home)).toBe(pid);
});

test('a user that is killed leaves no server behind', async () => {
  const home = newHome();
  const only = await holder(home);
  expect(serverPid(home)).toBeDefined();
  only.kill('SIGKILL');
  await until(() => serverPid(home) === undefined, 'the server has stopped');
});

test('a killed server is started again for those who use it, with what was committed', async () => {
  const home = newHome();
  const lease = await joinEmbedded(home, { shared_buffers: '16MB' });
  await query(lease, 'create table kept as select 7 as number');
  const pid = serverPid(home) as number;
  process.kill(pid, 'SIGKILL');
  await until(() => serverPid(home) !== undefined && serverPid(home) !== pid, 'another server runs');
  for (let tries = 0; ; tries++) {
    try {
      expect(await query(lease, 'select number from kept')).toBe(7);
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(50);
    }
  }
  await lease.release();
  expect(serverPid(home)).toBeUndefined();
});

test('a killed keeper is replaced, and the server goes on', async () => {
  const home = newHome();
  const lease = await joinEmbedded(home, fast);
  const pid = serverPid(home);
  const keeper = execFileSync('pgrep', ['-f', `keeper.ts ${home} `], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number);
  expect(keeper).toHaveLength(1);
  process.kill(keeper[0] as number, 'SIGKILL');
  expect(await query(lease, 'select 1')).toBe(1);
  const other = await joinEmbedded(home, fast);
  expect(serverPid(home)).toBe(pid);
  await sleep(500);
  await lease.release();
  await other.release();
  await until(() => serverPid(home) === undefined, 'the server has stopped');
});

test('a stale pid file is no obstacle, dead or belonging to another program', async () => {
  const home = newHome();
  await (await joinEmbedded(home, fast)).release();
  for (const pid of [4_000_000, process.pid]) {
    writeFileSync(
      join(dataFolder(home), 'postmaster.pid'),
      `${pid}\n${dataFolder(home)}\n1700000000\n5432\n/nowhere\n\n  1 2\nready   \n`,
    );
    const lease = await joinEmbedded(home, fast);
    expect(await query(lease, 'select 1')).toBe(1);
    await lease.release();
  }
});

test('a half-finished initdb is thrown away and done again', async () => {
  const home = newHome();
  mkdirSync(join(home, 'postgres/data.new-123/base'), { recursive: true });
  writeFileSync(join(home, 'postgres/data.new-123/PG_VERSION'), '18\n');
  const lease = await joinEmbedded(home, fast);
  expect(await query(lease, 'select 1')).toBe(1);
  expect(existsSync(join(home, 'postgres/data.new-123'))).toBe(false);
  await lease.release();
});

test('a data folder of another version is told in a sentence', async () => {
  const home = newHome();
  mkdirSync(join(home, 'postgres/data'), { recursive: true });
  writeFileSync(join(home, 'postgres/data/PG_VERSION'), '16\n');
  await expect(joinEmbedded(home, fast)).rejects.toThrow(
    /was made by Postgres 16, and this Broadsheet brings Postgres 18/,
  );
});

test('a folder that is no data folder is told in a sentence', async () => {
  const home = newHome();
  mkdirSync(join(home, 'postgres/data'), { recursive: true });
  writeFileSync(join(home, 'postgres/data/notes.txt'), 'mine\n');
  await expect(joinEmbedded(home, fast)).rejects.toThrow(/is no Postgres data folder/);
});

test('a home that is a file is told in a sentence', async () => {
  const folder = newHome();
  const home = join(folder, 'file');
  writeFileSync(home, '');
  await expect(joinEmbedded(home, fast)).rejects.toThrow(/BROADSHEET_HOME/);
});

test.runIf(process.geteuid?.() === 0)(
  'as root, a home that only root may enter keeps its data where the server can reach it',
  async () => {
    const home = newHome();
    chmodSync(home, 0o700);
    const lease = await joinEmbedded(home, fast);
    await query(lease, 'create table kept as select 7 as number');
    await lease.release();
    const again = await joinEmbedded(home, fast);
    expect(await query(again, 'select number from kept')).toBe(7);
    await again.release();
    expect(dataFolder(home)).toMatch(/^\/var\/lib\/broadsheet\//);
    rmSync(join(dataFolder(home), '..'), { recursive: true, force: true });
  },
);

test.runIf(process.geteuid?.() === 0 && process.platform === 'linux')(
  'it works for an ordinary user as well as for root',
  async () => {
    const home = newHome();
    chownSync(home, 65534, 65534);
    const script = `
    import { joinEmbedded } from ${JSON.stringify(join(import.meta.dirname, '../../src/db/embedded/join.ts'))};
    const lease = await joinEmbedded(${JSON.stringify(home)}, ${JSON.stringify(fast)});
    console.log(process.getuid(), lease.socketFolder);
    await lease.release();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      uid: 65534,
      gid: 65534,
      cwd: home,
      env: { HOME: home },
    });
    expect(stdout).toMatch(/^65534 \//);
  },
);

// A small disk of our own needs root, as in containers; elsewhere this cannot be tried.
const canMount = process.platform === 'linux' && process.geteuid?.() === 0 && mountable();

function mountable(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.runIf(canMount)('a full disk is told in a sentence', async () => {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=755', 'tmpfs', home]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', home]);
    rmSync(home, { recursive: true });
  });
  await expect(joinEmbedded(home, fast)).rejects.toThrow(/The disk that holds .* is full\. Free some space/);
});
