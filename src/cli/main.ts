#!/usr/bin/env node
import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { version } from '../package-root.ts';

// A command loads its own group only: starting up should not cost what it does not use.
const groups = {
  sources: () => import('./sources.ts'),
  stories: () => import('./stories.ts'),
  topics: () => import('./topics.ts'),
  lists: () => import('./lists.ts'),
  subscribers: () => import('./subscribers.ts'),
  newsletters: () => import('./newsletters.ts'),
  editions: () => import('./editions.ts'),
  selection: () => import('./selection.ts'),
  routes: () => import('./routes.ts'),
  dkim: () => import('./dkim.ts'),
  feedback: () => import('./feedback.ts'),
  serve: () => import('./serve.ts'),
  worker: () => import('./worker.ts'),
  db: () => import('./db.ts'),
} satisfies Record<string, () => Promise<{ register(program: Command): void }>>;

const program = new Command('broadsheet')
  .description('Email newsletter digests: stories in, editions reviewed, digests out, each exactly once.')
  .version(version)
  .option('--json', 'print the result as JSON, for scripts')
  .option('--debug', 'print the stack trace of an error')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

const named = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
const wanted = named && named in groups ? [groups[named as keyof typeof groups]] : Object.values(groups);
for (const load of wanted) (await load()).register(program);

// Options that every command has may stand before or after the command's name.
function inherit(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) {
    if (!child.options.some((option) => option.long === '--json'))
      child.option('--json', 'print the result as JSON');
    if (!child.options.some((option) => option.long === '--debug'))
      child.option('--debug', 'print stack traces');
    inherit(child);
  }
}
inherit(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Tells what went wrong, and returns the exit code: 1 failed, 2 misused. */
function report(error: unknown): number {
  // Commander has printed its own message (or the help that was asked for).
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const debug = process.argv.includes('--debug');
  const json = process.argv.includes('--json');
  const misused = error instanceof TypeError && /takes a /.test(error.message);
  if (json) {
    const {
      code = 'failed',
      hint,
      details,
    } = error instanceof UserError ? error : ({} as Partial<UserError>);
    process.stderr.write(
      `${JSON.stringify({ error: { code, message: messageOf(error), hint, details } })}\n`,
    );
  } else {
    process.stderr.write(`${styleText('red', 'Error:', { stream: process.stderr })} ${messageOf(error)}\n`);
    if (error instanceof UserError && error.hint) process.stderr.write(`${error.hint}\n`);
    else if (!(error instanceof UserError) && !debug)
      process.stderr.write('Run it again with --debug to see where.\n');
  }
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return misused || (error instanceof UserError && error.code === 'usage') ? 2 : 1;
}
