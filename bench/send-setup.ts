import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { secondsOf } from './measure.ts';
import type { RoundRequest, RoundResult } from './send-round.ts';

/** A program of Postfix's, where it is installed. */
function programOfPostfix(name: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/** Postfix's own load generator, which sends one message again and again. */
export const smtpSource = programOfPostfix('smtp-source');

// A child needs to find programs, and nothing of what this shell happens to have set (DATABASE_URL, SMTP_URL).
const childEnvironment = { PATH: process.env.PATH };
const postfixEnvironment = { PATH: process.env.PATH, LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH };

/** A server that takes everything and keeps nothing. */
export interface Sink {
  url: string;
  port: number;
  describe: string;
  /** Messages taken since it was asked last, and the longest time between two. Only a sink of ours can tell. */
  taken?(): Promise<{ taken: number; longestPauseMs: number }>;
  stop(): void;
}

/**
 * Starts a sink as a process of its own: Postfix's `smtp-sink` where it is installed, else one of ours, which a wait before
 * the answer to each message needs too.
 * @param waitMs before that answer
 * @param options.counts true: it has to tell what it took
 */
export async function startSink(waitMs = 0, { counts = false } = {}): Promise<Sink> {
  const program = programOfPostfix('smtp-sink');
  if (program && waitMs === 0 && !counts) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const child = spawn(program, ['-u', 'nobody', `127.0.0.1:${port}`, '200'], {
      stdio: 'ignore',
      env: postfixEnvironment,
    });
    for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
      if (await answers(port)) break;
      await sleep(50);
    }
    if (child.exitCode === null)
      return {
        url: `smtp://127.0.0.1:${port}`,
        port,
        describe: 'smtp-sink',
        stop: () => child.kill(),
      };
  }
  const child = fork(join(import.meta.dirname, 'sink.ts'), [], {
    execArgv: [],
    env: { ...childEnvironment, WAIT_MS: String(waitMs) },
  });
  const { port } = await message<{ port: number }>(child);
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    describe: 'a sink in Node',
    taken: () => {
      const told = message<{ taken: number; longestPauseMs: number }>(child);
      child.send('taken?');
      return told;
    },
    stop: () => child.disconnect(),
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Runs a round in each of some processes, all at once. */
export async function runRound(...requests: RoundRequest[]): Promise<RoundResult[]> {
  const children = await Promise.all(requests.map(readyRound));
  const results = Promise.all(children.map((child) => message<RoundResult>(child)));
  for (const child of children) child.send('go');
  return results;
}

/** Starts a process for a round, and waits until it is ready: it begins when it is sent `go`. */
export async function readyRound(request: RoundRequest): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'send-round.ts'), [], {
    // As `broadsheet worker --send-only` runs: plain JavaScript, which Node makes of TypeScript by itself.
    execArgv: ['--max-semi-space-size=8', '--heap-growing-percent=40'],
    env: { ...childEnvironment, NODE_ENV: 'production' },
  });
  child.send(request);
  await message(child);
  return child;
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const failed = (code: number | null) =>
      reject(new Error(`A round ended with ${code} before it was done.`));
    child.once('error', reject);
    child.once('exit', failed);
    child.once('message', (said) => {
      child.off('error', reject);
      child.off('exit', failed);
      resolve(said as T);
    });
  });
}

/** Messages a second that `smtp-source` hands over. */
export async function rateOfSmtpSource(
  program: string,
  { port }: Sink,
  { messages, bytes, connections }: { messages: number; bytes: number; connections: number },
): Promise<number> {
  const seconds = await secondsOf(
    () =>
      new Promise<void>((resolve, reject) => {
        const options = { s: connections, l: bytes, m: messages };
        const child = spawn(
          program,
          [
            '-d',
            ...Object.entries(options).flatMap(([name, value]) => [`-${name}`, String(value)]),
            `127.0.0.1:${port}`,
          ],
          { stdio: 'ignore', env: postfixEnvironment },
        );
        child.once('error', reject);
        child.once('close', (code) =>
          code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}.`)),
        );
      }),
  );
  return messages / seconds;
}
