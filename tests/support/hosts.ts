import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import type { TestContext } from './context.ts';
import { program } from './program.ts';

const preload = ['--import', pathToFileURL(join(import.meta.dirname, 'given-clock.mjs')).href];

/** Processes of the program on one database, whose clocks go as the test says. */
export class Hosts {
  kills = 0;
  readonly #context: TestContext;
  readonly #settings: Record<string, string>;
  readonly #running = new Map<string, ChildProcess>();

  constructor(context: TestContext, settings: Record<string, string>) {
    this.#context = context;
    this.#settings = settings;
    onTestFinished(() => {
      for (const child of this.#running.values()) child.kill('SIGKILL');
    });
  }

  /** Starts a process, by a name of its own; its command, such as "worker", is the name up to a space. */
  start(name: string): void {
    const command = name.split(' ')[0] ?? '';
    const child = spawn(
      process.execPath,
      [...preload, ...program, command, ...(command === 'serve' ? ['--port', '0'] : [])],
      {
        cwd: packageRoot,
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          ...this.#context.environment,
          ...this.#settings,
          GIVEN_CLOCK: String(this.#context.clock.now().getTime()),
        },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    );
    child.on('error', () => {});
    this.#running.set(name, child);
  }

  /** Until each process says that it works. */
  async ready(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ stdout }) => stdout && once(stdout, 'data')));
  }

  /** Puts the clocks of all, and the test's, at an instant. */
  setClock(at: Date | string): void {
    this.#context.clock.set(at);
    for (const child of this.#running.values())
      if (child.connected) child.send({ clock: this.#context.clock.now().getTime() }, () => {});
  }

  /** SIGKILL. */
  async kill(name: string): Promise<void> {
    const child = this.#running.get(name);
    if (!child) return;
    this.kills++;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** SIGTERM to all. @returns what each ended with */
  async stop(): Promise<(number | null)[]> {
    return Promise.all(
      [...this.#running.values()].map(async (child) => {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        const [code] = await ended;
        return code;
      }),
    );
  }
}
