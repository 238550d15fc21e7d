import { spawn } from 'node:child_process';

/** A command that runs until it is interrupted. */
export interface Running {
  /** As Ctrl-C does, for the whole group of processes. */
  interrupt(): void;
  /** The exit code is null if it ended by a signal. */
  ended: Promise<{ code: number | null; printed: string }>;
}

/** A command that was started, with all that it prints on both streams. */
export interface Started extends Running {
  printed(): string;
  /** Resolves when it has printed this; fails if it ends before. */
  until(words: RegExp): Promise<void>;
}

const groups = new Set<() => void>();

// A terminal's Ctrl-C does not come to groups of their own.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const interrupt of groups) interrupt();
    process.exit(130);
  });

/**
 * Starts a line of a shell, in a group of its own.
 * @param shown what it prints is also printed here
 */
export function start(
  line: string,
  { cwd, env, shown }: { cwd: string; env: Record<string, string>; shown: boolean },
): Started {
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  const interrupt = () => {
    try {
      process.kill(-(child.pid as number), 'SIGINT');
    } catch {
      // It has ended.
    }
  };
  groups.add(interrupt);
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (shown) process.stdout.write(text);
      for (const look of waiting) look();
    });
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) =>
    child.once('close', (code) => {
      groups.delete(interrupt);
      resolve({ code, printed });
    }),
  );
  return {
    ended,
    printed: () => printed,
    interrupt,
    until: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (words.test(printed)) resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before it printed ${words}:\n${printed}`)));
      }),
  };
}
