import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import { EmbeddedError, keeperSocket, locate } from './locate.ts';

const joinTimeoutMs = 90_000;
const exitAnotherKeeper = 3;

/** This process's hold on the embedded Postgres: it runs for as long as somebody holds it. */
export interface Lease {
  /** Folder of the server's socket, for `host` in a connection. */
  socketFolder: string;
  /** Lets go, and waits until the server has stopped if nobody else holds it. */
  release(): Promise<void>;
}

/**
 * Joins the embedded Postgres of a home folder, starting it if nobody runs it yet.
 * Any number of processes may call this at once: one server comes of it.
 * @param settings server settings (`postgresql.conf` names) that apply if this call starts it
 * @throws UserError saying in a sentence why there is no server: full disk, wrong version, no rights
 */
export async function joinEmbedded(home: string, settings: Record<string, string> = {}): Promise<Lease> {
  let path: string;
  try {
    path = keeperSocket(locate(home));
  } catch (error) {
    throw startFailure(home, error);
  }
  const deadline = Date.now() + joinTimeoutMs;
  let keeper: Promise<{ code: number | null; said: string }> | undefined;
  while (Date.now() < deadline) {
    const joined = await tryJoin(path);
    if (joined) return holdingOn(joined, home, path, settings);
    keeper ??= launchKeeper(home, settings);
    const ended = await Promise.race([keeper, sleep(20)]);
    if (ended) {
      keeper = undefined;
      if (ended.code === exitAnotherKeeper || ended.code === 0) await sleep(30);
      else throw startFailure(home, ended.said);
    }
  }
  throw startFailure(home, `it did not answer within ${joinTimeoutMs / 1000} s`);
}

function startFailure(home: string, cause: unknown): UserError {
  const reported = join(home, 'keeper-error.json');
  let message = typeof cause === 'string' ? cause : (cause as Error).message;
  if (typeof cause === 'string' && existsSync(reported)) {
    try {
      message = JSON.parse(readFileSync(reported, 'utf8')).message || message;
    } catch {
      // A full disk leaves an empty file.
    }
  }
  if (/ENOSPC/.test(message))
    message = `The disk that holds ${home} is full. Free some space, or set BROADSHEET_HOME to a folder on another disk, and start again.`;
  else if (!(cause instanceof EmbeddedError) && /EACCES|EPERM|EROFS|ENOTDIR|EEXIST/.test(message))
    message = `Broadsheet cannot write to ${home} (${message}). Make it writable for this user, or set BROADSHEET_HOME to another folder.`;
  return new UserError(message.trim() || 'The embedded Postgres did not start.', {
    code: 'database',
    hint: 'Or set DATABASE_URL to a Postgres of your own.',
    cause: cause instanceof Error ? cause : undefined,
  });
}

function launchKeeper(home: string, settings: Record<string, string>) {
  const file = join(import.meta.dirname, `keeper${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', file, home, JSON.stringify(settings)],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // The keeper outlives this process: neither it nor its standard error may keep this process alive.
  child.unref();
  (child.stderr as unknown as Socket).unref();
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('error', (error) => resolve({ code: 1, said: error.message }));
    child.once('close', (code) => resolve({ code, said }));
  });
}

interface Joined {
  socket: Socket;
  socketFolder: string;
}

/** Connects to a keeper; undefined where there is none, or it is about to stop. */
function tryJoin(path: string): Promise<Joined | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let text = '';
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => resolve(undefined));
    socket.on('data', function onData(data) {
      text += data;
      if (!text.includes('\n')) return;
      socket.off('data', onData);
      resolve({ socket, socketFolder: JSON.parse(text.split('\n')[0] ?? '{}').run });
    });
  });
}

function holdingOn(first: Joined, home: string, path: string, settings: Record<string, string>): Lease {
  let current: Socket | undefined;
  let released = false;

  // A killed keeper leaves the server running; whoever still needs it starts a new keeper, which takes it over.
  const hold = ({ socket }: Joined) => {
    current = socket;
    socket.unref();
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!released) void rejoin();
    });
    socket.resume();
  };
  const rejoin = async () => {
    for (let attempt = 0; attempt < 200 && !released; attempt++) {
      const joined = await tryJoin(path);
      if (joined) return hold(joined);
      const ended = await Promise.race([launchKeeper(home, settings), sleep(200)]);
      if (ended) await sleep(100);
    }
  };
  hold(first);

  return {
    socketFolder: first.socketFolder,
    release: () =>
      new Promise((resolve) => {
        released = true;
        const socket = current;
        if (!socket || socket.destroyed) return resolve();
        const done = () => {
          clearTimeout(timer);
          socket.destroy();
          resolve();
        };
        const timer = setTimeout(done, 30_000);
        socket.ref();
        socket.once('data', done);
        socket.once('close', done);
        socket.write('bye\n');
      }),
  };
}
