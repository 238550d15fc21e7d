import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../src/errors.ts';

const run = promisify(execFile);

// An unpacked Postfix, which is not in its place, finds its libraries by LD_LIBRARY_PATH.
const libraries = process.env.LD_LIBRARY_PATH;
const environment = { PATH: process.env.PATH, ...(libraries && { LD_LIBRARY_PATH: libraries }) };

/** A Postfix that runs for one measurement. */
export interface Postfix {
  /** Takes mail for everywhere from 127.0.0.1. */
  port: number;
  version: string;
  /** What is in the queue, a line of JSON for each message; empty if nothing waits. */
  queue(): Promise<string[]>;
  /** The last lines of its log, for messages. */
  logTail(lines: number): string;
  /** Stops it and removes its folder; takes a second. */
  stop(): void;
}

/** Which of Postfix's next hops are ours; ports on 127.0.0.1. */
export interface Relaying {
  /** Takes the mail for all domains but one. */
  mailboxPort: number;
  /** The domain of the return path, and what takes its mail. */
  bounceDomain: string;
  bouncePort: number;
}

/**
 * The program `postfix`, found on the PATH or in /usr/sbin.
 * @throws UserError if it is not installed, or if this process is not root's
 */
export function programOfPostfix(): string {
  const program = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, 'postfix'))
    .find((file) => existsSync(file));
  if (!program)
    throw new UserError(
      'Postfix is not installed, so nothing was measured: the program "postfix" is neither on the PATH nor in /usr/sbin. Debian’s package has the same name; its own service need not run.',
    );
  if (process.getuid?.() !== 0)
    throw new UserError('Postfix starts only for root, so nothing was measured. Run this as root.');
  return program;
}

/**
 * Starts a Postfix of its own: configuration, queue, data and log are in a temporary folder, its one port is on 127.0.0.1,
 * and nothing of the system's Postfix is read or changed. What is put off is tried again after two seconds.
 * @param program as `programOfPostfix` found it
 * @throws UserError if it does not start
 */
export async function startPostfix(program: string, relaying: Relaying): Promise<Postfix> {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-postfix-'));
  // Postfix's processes are another user, who must reach its folders.
  chmodSync(home, 0o755);
  const config = join(home, 'config');
  const command = (name: string, ...options: string[]) =>
    run(join(dirname(program), name), ['-c', config, ...options], { env: environment });
  // At once, as it is called when this process is told to end too; Postfix would run on without it.
  const stop = () => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    spawnSync(program, ['-c', config, 'stop'], { env: environment, stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  const interrupted = () => {
    stop();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const port = await freePort();
    for (const folder of [config, join(home, 'queue')]) mkdirSync(folder);
    const main = { ...relaying, home, ...accounts(), places: await placesOf(program) };
    writeFileSync(join(config, 'main.cf'), mainSettings(main));
    writeFileSync(join(config, 'master.cf'), services(port));
    await command('postfix', 'start');
    await untilItGreets(port);
    const version = (await command('postconf', '-h', 'mail_version')).stdout.trim();
    return {
      port,
      version,
      queue: async () => (await command('postqueue', '-j')).stdout.split('\n').filter(Boolean),
      logTail: (lines) => logTail(home, lines),
      stop,
    };
  } catch (error) {
    const said = [messageOf(error), logTail(home, 10)].filter(Boolean).join('\n');
    stop();
    throw new UserError(`Postfix did not start: ${said}`, { cause: error });
  }
}

/** Where Postfix's parts are: where it was built for, else beside the program, where a package was only unpacked. */
async function placesOf(program: string): Promise<Record<string, string>> {
  const names = ['daemon_directory', 'shlib_directory', 'meta_directory'];
  const { stdout } = await run(join(dirname(program), 'postconf'), ['-dh', ...names], { env: environment });
  const found = stdout
    .trim()
    .split('\n')
    .map((folder, at) => {
      const beside = resolve(dirname(program), '../..', `.${folder}`);
      return [names[at] ?? '', existsSync(folder) || !existsSync(beside) ? folder : beside];
    });
  return { command_directory: dirname(program), ...Object.fromEntries(found) };
}

/** An account and a group that Postfix takes as its own: neither root's, nor nobody's, nor each other's. */
function accounts(): { owner: string; group: string } {
  const rows = (file: string) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'));
  const owner = pick(['postfix', 'mail', 'news'], rows('/etc/passwd'));
  const groups = rows('/etc/group').filter(([, , id]) => id !== owner?.[3]);
  const group = pick(['postdrop', 'uucp', 'games', 'mail'], groups);
  if (owner?.[0] && group?.[0]) return { owner: owner[0], group: group[0] };
  throw new UserError(
    'There is no account for Postfix. It needs the user "postfix" and the group "postdrop", as its package makes them.',
  );
}

const pick = (names: string[], rows: string[][]) =>
  names.map((name) => rows.find(([each]) => each === name)).find((row) => row !== undefined);

function mainSettings({
  home,
  owner,
  group,
  mailboxPort,
  bounceDomain,
  bouncePort,
  places,
}: Relaying & { home: string; owner: string; group: string; places: Record<string, string> }): string {
  const settings = {
    compatibility_level: '3.6',
    ...places,
    queue_directory: join(home, 'queue'),
    data_directory: join(home, 'data'),
    maillog_file: join(home, 'log'),
    maillog_file_prefixes: home,
    import_environment: `MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME${libraries ? ' LD_LIBRARY_PATH' : ''}`,
    export_environment: `TZ MAIL_CONFIG LANG${libraries ? ' LD_LIBRARY_PATH' : ''}`,
    mail_owner: owner,
    setgid_group: group,
    myhostname: 'relay.example.com',
    mydestination: '',
    alias_maps: '',
    alias_database: '',
    local_recipient_maps: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_client_connection_count_limit: '0',
    notify_classes: '',
    smtp_host_lookup: 'native',
    // Everything goes to us: no name is looked up, and no mail leaves this machine.
    default_transport: `smtp:[127.0.0.1]:${mailboxPort}`,
    transport_maps: `inline:{ ${bounceDomain}=smtp:[127.0.0.1]:${bouncePort} }`,
    queue_run_delay: '1s',
    minimal_backoff_time: '2s',
    maximal_backoff_time: '4s',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

/** What a relay needs of Postfix's services. */
function services(port: number): string {
  const rows = [
    [`127.0.0.1:${port}`, 'inet', 'n', '-', 'smtpd'],
    ['cleanup', 'unix', 'n', '0', 'cleanup'],
    ['qmgr', 'unix', 'n', '1', 'qmgr'],
    ['rewrite', 'unix', '-', '-', 'trivial-rewrite'],
    ['bounce', 'unix', '-', '0', 'bounce'],
    ['defer', 'unix', '-', '0', 'bounce'],
    ['trace', 'unix', '-', '0', 'bounce'],
    ['verify', 'unix', '-', '1', 'verify'],
    ['flush', 'unix', 'n', '0', 'flush'],
    ['proxymap', 'unix', '-', '-', 'proxymap'],
    ['smtp', 'unix', '-', '-', 'smtp'],
    ['relay', 'unix', '-', '-', 'smtp'],
    ['showq', 'unix', 'n', '-', 'showq'],
    ['error', 'unix', '-', '-', 'error'],
    ['retry', 'unix', '-', '-', 'error'],
    ['anvil', 'unix', '-', '1', 'anvil'],
    ['scache', 'unix', '-', '1', 'scache'],
    ['postlog', 'unix-dgram', 'n', '1', 'postlogd'],
  ];
  // Columns: service, type, private, unprivileged, chroot, wakeup, most processes, command.
  return rows
    .map(([name, type, isPrivate, most, program]) => {
      const wakeup = name === 'qmgr' ? '1' : '-';
      return `${name} ${type} ${isPrivate} - n ${wakeup} ${most} ${program}\n`;
    })
    .join('');
}

/** A port that is free now. Postfix takes none for "any". */
function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function untilItGreets(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const greeted = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('data', () => {
        socket.end('QUIT\r\n');
        done(true);
      });
      socket.once('error', () => done(false));
      socket.once('close', () => done(false));
      socket.setTimeout(3_000, () => socket.destroy());
    });
    if (greeted) return;
    await sleep(100);
  }
  throw new Error(`nothing greets on its port ${port}`);
}

function logTail(home: string, lines: number): string {
  const file = join(home, 'log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-lines).join('\n') : '';
}
