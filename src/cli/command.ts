import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { Database } from '../db/connect.ts';

/** Where a command prints. With `--json` it prints one JSON document and nothing else on standard output. */
export interface Output {
  json: boolean;
  /** Prints lines for a person; does nothing with --json. */
  text(...lines: string[]): void;
  /** Prints rows as aligned columns for a person; does nothing with --json. Empty: prints the sentence instead. */
  table(rows: Record<string, unknown>[], empty: string): void;
  /** The command's result for scripts; printed with --json only. */
  result(value: unknown): void;
}

export interface CommandContext extends Context {
  database: Database;
}

/** Options that every command has. */
export interface GlobalOptions {
  json?: boolean;
  debug?: boolean;
}

/** Runs a command's action with an open database, and closes it whatever happens. */
export async function withContext<T>(
  command: Command,
  action: (context: CommandContext, output: Output) => Promise<T>,
  options: { migrate?: boolean; connections?: number; config?: Partial<Config> } = {},
): Promise<T> {
  // Loaded here: what only describes commands, as their help does, needs none of it.
  const [{ systemClock }, { loadConfig }, { openDatabase }, { createLog }] = await Promise.all([
    import('../clock.ts'),
    import('../config.ts'),
    import('../db/connect.ts'),
    import('../log.ts'),
  ]);
  const config = { ...loadConfig(), ...options.config };
  const database = await openDatabase(config, options);
  try {
    const context = {
      config,
      db: database.db,
      database,
      clock: systemClock,
      // A command's own output is what a person reads; the log is for what goes wrong beside it.
      log: createLog(config.logLevel ?? 'warn'),
    };
    return await action(context, createOutput(command));
  } finally {
    await database.close();
  }
}

/** The output for a command, by its global options. */
export function createOutput(command: Command): Output {
  const json = Boolean((command.optsWithGlobals() as GlobalOptions).json);
  return {
    json,
    text: (...lines) => {
      if (!json) for (const line of lines) process.stdout.write(`${line}\n`);
    },
    table: (rows, empty) => {
      if (!json) process.stdout.write(`${rows.length > 0 ? columns(rows) : empty}\n`);
    },
    result: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

function columns(rows: Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => cell(row[name])))];
  const widths = names.map((_, index) => Math.max(...cells.map((line) => [...(line[index] ?? '')].length)));
  return cells
    .map((line, row) => {
      const text = line
        .map((value, index) =>
          index === names.length - 1 ? value : value + ' '.repeat((widths[index] ?? 0) - [...value].length),
        )
        .join('  ');
      return row === 0 ? styleText('dim', text) : text;
    })
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, 'Z');
  if (Array.isArray(value)) return value.join(', ') || '-';
  return String(value).replace(/\s+/g, ' ');
}

/** A number from an option, or an error that names the option. For commander's option parsers. */
export function wholeNumber(name: string, minimum = 0): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < minimum)
      throw new TypeError(`${name} takes a whole number of at least ${minimum}, not "${value}"`);
    return number;
  };
}
