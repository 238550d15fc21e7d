import { spawnSync } from 'node:child_process';
import { UserError } from '../../src/errors.ts';

/** Without what `npm run` sets for its own script, and what is the machine's own installation of Broadsheet. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_(registry|cafile|cache|userconfig)$)|BROADSHEET_|VITEST|NODE_ENV$|NODE_OPTIONS$|DATABASE_URL$|SMTP_URL$|PUBLIC_URL$)/i.test(
        name,
      ),
  ),
);

/** What a command printed on both streams, and how it ended. */
export interface Ran {
  status: number | null;
  printed: string;
  complaints: string;
}

/** Where a command runs, and whether what it prints is printed here, instead of into the result. */
export interface Place {
  cwd: string;
  shown?: boolean;
}

/** Runs a command, however it ends. @throws UserError if there is no such program */
export function run(command: string[], { cwd, shown = false }: Place): Ran {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: environment,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    stdio: ['ignore', shown ? 'inherit' : 'pipe', shown ? 'inherit' : 'pipe'],
  });
  if (error) throw new UserError(`${program} could not be started: ${error.message}`);
  return { status, printed: stdout ?? '', complaints: stderr ?? '' };
}

/** Runs a command that must end with 0. @returns what it printed, without the end of its last line */
export function must(command: string[], place: Place): string {
  const { status, printed, complaints } = run(command, place);
  if (status !== 0)
    throw new UserError(
      [`"${command.join(' ')}" ended with ${status}.`, printed, complaints]
        .map((each) => each.trim())
        .filter(Boolean)
        .join('\n'),
    );
  return printed.trimEnd();
}
