import type { Command } from 'commander';

/** Where a person is asked; the terminal of this process if not given. */
export interface Asking {
  input?: NodeJS.ReadStream;
  output?: NodeJS.WriteStream;
}

const others = new WeakMap<Command, Asking>();

/** Has the commands of a program ask there, instead of on the terminal of this process. */
export function askAt(program: Command, asking: Asking): void {
  others.set(program, asking);
}

/** Where a command asks. Questions go to standard error, so that a pipe gets nothing of them. */
export function terminalOf(command: Command): Required<Asking> {
  let program = command;
  while (program.parent) program = program.parent;
  return { input: process.stdin, output: process.stderr, ...others.get(program) };
}
