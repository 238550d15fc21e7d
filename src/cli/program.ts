import { Command } from 'commander';
import { version } from '../package-root.ts';
import { type Asking, askAt } from './terminal.ts';

/** A group of commands, or a command of its own. */
interface Group {
  about: string;
  /** For the program itself; the help leaves it out. */
  hidden?: boolean;
  load: () => Promise<{ register(group: Command): void }>;
}

// A command loads its own group only: starting up should not cost what it does not use.
// A new group goes here; docs/cli.md and the completion of shells are made from what is registered.
export const groups: Readonly<Record<string, Group>> = {
  sources: {
    about: 'look after feeds, sitemaps, pages and folders of stories',
    load: () => import('./sources.ts'),
  },
  stories: { about: 'add stories by hand, list and show them', load: () => import('./stories.ts') },
  topics: {
    about: 'look after the topics that stories get by category, keyword and likeness',
    load: () => import('./topics.ts'),
  },
  lists: { about: 'the lists that people subscribe to', load: () => import('./lists.ts') },
  subscribers: { about: 'the people who get mail', load: () => import('./subscribers.ts') },
  segments: {
    about: 'save, count and try out filters over subscribers',
    load: () => import('./segments.ts'),
  },
  suppressions: {
    about: 'addresses that must not be mailed, for everything or for one list, and why',
    load: () => import('./suppressions.ts'),
  },
  newsletters: { about: 'make and change newsletters', load: () => import('./newsletters.ts') },
  editions: { about: 'build, preview, approve and send editions', load: () => import('./editions.ts') },
  selection: { about: 'see how stories are chosen', load: () => import('./selection.ts') },
  routes: {
    about: 'the mail servers that editions go out by; SMTP_URL while there are none',
    load: () => import('./routes.ts'),
  },
  dkim: { about: 'keys that mail is signed with (DKIM)', load: () => import('./dkim.ts') },
  feedback: {
    about: 'bounces, complaints, automatic answers: what came back, and what it led to',
    load: () => import('./feedback.ts'),
  },
  tokens: { about: 'tokens with which programs use the API', load: () => import('./tokens.ts') },
  users: {
    about: 'who may use the editors’ desk, how they come in, and what they did',
    load: () => import('./users.ts'),
  },
  webhooks: {
    about: 'addresses that are told what happens, by signed posts (Standard Webhooks)',
    load: () => import('./webhooks.ts'),
  },
  serve: { about: 'serve the web pages, and do the background work', load: () => import('./serve.ts') },
  worker: {
    about: 'fetch sources, fire newsletters and send; run as many as you like',
    load: () => import('./worker.ts'),
  },
  db: { about: 'look after the database', load: () => import('./db.ts') },
  doctor: {
    about:
      'look at settings, disk, database, clocks, mail servers, DNS, address, bounces and secrets, and at the rules for bulk senders; exits with 1 if one fails',
    load: () => import('./doctor.ts'),
  },
  config: {
    about: 'show the settings, where each comes from, and what is wrong with them',
    load: () => import('./config.ts'),
  },
  completion: {
    about: 'print a script that lets a shell complete commands, options and names',
    load: () => import('./completion.ts'),
  },
  'complete-names': {
    about: 'print the names of a kind, for the scripts of "completion"',
    hidden: true,
    load: () => import('./complete-names.ts'),
  },
};

/**
 * Makes the tree of commands, without running any.
 * @param wanted the groups whose commands are needed, all if not given; of the others there is the name and what it is for
 * @param asking where people are asked; the terminal of this process if not given
 * @param json errors in the use of a command are left to the caller, who prints them as JSON
 */
export async function createProgram(
  wanted: readonly string[] = Object.keys(groups),
  { asking, json = false }: { asking?: Asking; json?: boolean } = {},
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
  for (const [name, { about, hidden = false, load }] of Object.entries(groups)) {
    const group = program.command(name, { hidden }).description(about);
    if (wanted.includes(name)) (await load()).register(group);
  }
  inherit(program);
  if (asking) askAt(program, asking);
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
