import { Command } from 'commander';
import { version } from '../package-root.ts';

interface Group {
  register(program: Command): void;
}

// A command loads its own group only: starting up should not cost what it does not use.
// A new group goes here; docs/cli.md and the completion of shells are made from what is registered.
export const groups = {
  sources: () => import('./sources.ts'),
  stories: () => import('./stories.ts'),
  topics: () => import('./topics.ts'),
  lists: () => import('./lists.ts'),
  subscribers: () => import('./subscribers.ts'),
  segments: () => import('./segments.ts'),
  suppressions: () => import('./suppressions.ts'),
  newsletters: () => import('./newsletters.ts'),
  editions: () => import('./editions.ts'),
  selection: () => import('./selection.ts'),
  routes: () => import('./routes.ts'),
  dkim: () => import('./dkim.ts'),
  feedback: () => import('./feedback.ts'),
  tokens: () => import('./tokens.ts'),
  webhooks: () => import('./webhooks.ts'),
  serve: () => import('./serve.ts'),
  worker: () => import('./worker.ts'),
  db: () => import('./db.ts'),
  doctor: () => import('./doctor.ts'),
  config: () => import('./config.ts'),
  completion: () => import('./completion.ts'),
} satisfies Record<string, () => Promise<Group>>;

/**
 * Makes the tree of commands, without running any.
 * @param wanted the groups to load; all if not given
 * @param json errors in the use of a command are left to the caller, who prints them as JSON
 */
export async function createProgram(
  wanted: readonly string[] = Object.keys(groups),
  { json = false }: { json?: boolean } = {},
): Promise<Command> {
  const program = new Command('broadsheet')
    .description('Email newsletter digests: stories in, editions reviewed, digests out, each exactly once.')
    .version(version)
    .option('--json', 'print the result as JSON, for scripts')
    .option('--debug', 'print the stack trace of an error')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => (json ? undefined : write(text)) })
    .showHelpAfterError(json ? false : 'Run it with --help to see what it takes, with examples.')
    .exitOverride();
  for (const name of wanted) (await groups[name as keyof typeof groups]()).register(program);
  inherit(program);
  return program;
}

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
