import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { packageRoot } from '../../src/package-root.ts';
import type { WorkerOrder, WorkerRequest } from './worker.ts';

/** Puts the worker into one file, which starts in a third of the time. @returns its path, and how to remove it */
export async function buildWorker(): Promise<{ file: string; remove(): void }> {
  // Below the package, so that it finds what it imports.
  const folder = join(packageRoot, 'node_modules/.cache/broadsheet-torture');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `worker-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'worker.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    packages: 'external',
    outfile: file,
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(file, { force: true }) };
}

interface One {
  child: ChildProcess;
  isReady: boolean;
  isFrozen: boolean;
  /** We have ended it, or asked it to end. */
  isExpected: boolean;
  ended: Promise<void>;
}

/** The workers of one run: so many are kept alive. */
export class Workers {
  kills = 0;
  freezes = 0;
  /** What those said that ended by themselves after they had begun. */
  readonly deaths: string[] = [];
  readonly #file: string;
  readonly #request: WorkerRequest;
  #alive: One[] = [];
  #wanted = 0;

  constructor(file: string, request: WorkerRequest) {
    this.#file = file;
    this.#request = { ...request };
  }

  get count(): number {
    return this.#alive.length;
  }

  /** Keeps so many alive from now on. */
  want(count: number): void {
    this.#wanted = count;
    while (this.#alive.length < count) this.#start();
  }

  moveClock(clockOffsetMs: number): void {
    this.#request.clockOffsetMs = clockOffsetMs;
    for (const { child } of this.#alive) tell(child, { clockOffsetMs });
  }

  /** SIGKILL. @param pick which of those alive */
  kill(pick: (count: number) => number): void {
    this.#kill(this.#alive[pick(this.#alive.length)]);
  }

  killAll(): void {
    for (const one of [...this.#alive]) this.#kill(one);
  }

  /** Asks one to end as an admin does. */
  stop(pick: (count: number) => number): void {
    const one = this.#alive[pick(this.#alive.length)];
    if (!one || one.isFrozen) return;
    one.isExpected = true;
    tell(one.child, { stop: true });
  }

  /** Stands still for some time, as a machine that swaps or a container that is paused. */
  async freeze(pick: (count: number) => number, ms: number): Promise<void> {
    const one = this.#alive[pick(this.#alive.length)];
    if (!one || one.isFrozen) return;
    one.isFrozen = true;
    this.freezes++;
    one.child.kill('SIGSTOP');
    await sleep(ms);
    one.child.kill('SIGCONT');
    one.isFrozen = false;
  }

  /** Ends all: those that do not end when asked are killed, and told of. */
  async close(): Promise<void> {
    this.#wanted = 0;
    for (const one of this.#alive) {
      one.isExpected = true;
      tell(one.child, { stop: true });
    }
    const all = Promise.all(this.#alive.map(({ ended }) => ended));
    const isDone = await Promise.race([all.then(() => true), sleep(15_000).then(() => false)]);
    if (!isDone) this.deaths.push('a worker did not end within 15 s when it was asked to');
    for (const { child } of this.#alive) child.kill('SIGKILL');
    await all;
  }

  #kill(one: One | undefined): void {
    if (!one) return;
    // One that has not begun yet had nothing to lose.
    if (one.isReady) this.kills++;
    one.isExpected = true;
    one.child.kill('SIGKILL');
  }

  #start(): void {
    const child = fork(this.#file, [JSON.stringify(this.#request)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--max-semi-space-size=8'],
    });
    let said = '';
    child.stderr?.on('data', (text) => {
      said = `${said}${text}`.slice(-2000);
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const one: One = { child, isReady: false, isFrozen: false, isExpected: false, ended };
    child.on('error', () => {});
    child.on('message', (message) => {
      if (message === 'ready') one.isReady = true;
      // The clock may have been moved while it started.
      tell(child, { clockOffsetMs: this.#request.clockOffsetMs });
    });
    this.#alive.push(one);
    void ended.then(() => {
      this.#alive = this.#alive.filter((each) => each !== one);
      if (one.isReady && !one.isExpected) this.deaths.push(`a worker ended by itself: ${said.trim()}`);
      // One that finds no database at its start ends; whoever runs it starts it again.
      setTimeout(() => this.want(this.#wanted), one.isReady ? 0 : 300);
    });
  }
}

function tell(child: ChildProcess, order: WorkerOrder): void {
  if (child.connected) child.send(order, () => {});
}
