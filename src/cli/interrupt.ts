/** The exit code of a command that was ended by Ctrl-C or SIGTERM. */
export const interruptedCode = 130;

/** Somebody ended the command. The message says what was done and how it goes on; `run.ts` exits with 130. */
export class Interrupted extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Interrupted';
  }
}

/**
 * For a command that works in steps: the signal aborts at the first Ctrl-C (or SIGTERM), so that the step at hand can be
 * finished and what was done be told; the second ends the process at once. The caller calls `end` when its work is over.
 */
export function interruptible(): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(interruptedCode);
    controller.abort();
    process.stderr.write('\nFinishing the step at hand. Press Ctrl-C again to end at once.\n');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    end() {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal);
    },
  };
}

/**
 * Ends the process with 130 at Ctrl-C or SIGTERM, unless the command at hand listens itself (as `serve`, `worker` and all that
 * use `interruptible` do). What a transaction had not finished, Postgres takes back.
 */
export function endOnInterrupt(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return;
      process.stderr.write('\nInterrupted.\n');
      process.exit(interruptedCode);
    });
}
