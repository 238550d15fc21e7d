import type { Command } from 'commander';
import type { Answers } from './run.ts';

/** The words of a command line with what was answered put in, and the program that takes them. */
export function withAnswers(
  command: Command,
  { arguments: args, options }: Pick<Answers, 'arguments' | 'options'>,
): { words: string[]; program: Command } {
  const path = [command];
  while (path[0]?.parent) path.unshift(path[0].parent);
  const [program = command, ...below] = path;
  const { rawArgs } = program as unknown as { rawArgs: string[] };
  // How the command was called; what stands before it is Node's, or an option of the program.
  let end = 0;
  let start = rawArgs.length;
  for (const each of below) {
    const names = [each.name(), ...each.aliases()];
    const at = rawArgs.findIndex((word, index) => index >= end && names.includes(word));
    if (at < start) start = at;
    end = at + 1;
  }
  const before = rawArgs.slice(0, start).filter((word) => word.startsWith('-'));
  // Arguments go behind those that were given: behind an option that takes several values they would be its values.
  const last = command.args.at(-1);
  const place = last === undefined ? end : rawArgs.indexOf(last, end) + 1;
  const words = [
    ...before,
    ...rawArgs.slice(start, place),
    ...args,
    ...rawArgs.slice(place),
    ...Object.entries(options).flatMap(([name, value]) =>
      [value ?? []].flat().flatMap((each) => (each === '' ? [] : [name, each])),
    ),
  ];
  return { words, program };
}

/** A command line as a shell takes it. @param secrets words that are not shown, with what stands for each */
export function commandLine(words: readonly string[], secrets: Record<string, string> = {}): string {
  const shown = words.map((word) =>
    Object.entries(secrets).reduce((text, [secret, name]) => text.replaceAll(secret, name), word),
  );
  return ['broadsheet', ...shown.map(quoted)].join(' ');
}

const quoted = (word: string) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
