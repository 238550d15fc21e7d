import type { Argument, Command, Option } from 'commander';

/** The names in the database that a shell may offer; "broadsheet complete-names KIND" prints them. */
export const nameKinds = [
  'editions',
  'lists',
  'newsletters',
  'routes',
  'segments',
  'sources',
  'topics',
] as const;
export type NameKind = (typeof nameKinds)[number];

/** What can stand for a value. */
export type Values =
  | { kind: 'words'; words: readonly string[] }
  | { kind: 'names'; of: NameKind }
  | { kind: 'files' }
  | { kind: 'anything' };

/** An option, as it is completed. */
export interface CompletedOption {
  /** Such as --list. */
  name: string;
  description: string;
  /** Null: it takes none. */
  value: Values | null;
}

/** A command with what can follow it. */
export interface CompletedCommand {
  /** Such as "lists create"; empty for the program itself. */
  path: string;
  commands: { name: string; description: string }[];
  options: CompletedOption[];
  /** By place. The last one stands for all that follow if `hasMore`. */
  arguments: Values[];
  hasMore: boolean;
}

/** The tree of commands, flat: the program first, hidden commands left out, aliases beside their names. */
export function completedCommands(program: Command): CompletedCommand[] {
  const found: CompletedCommand[] = [];
  visit(program, '', found);
  return found;
}

function visit(command: Command, path: string, found: CompletedCommand[]): void {
  const children = command.commands.filter((child) => !isHidden(child));
  found.push({
    path,
    commands: children.flatMap((child) =>
      [child.name(), ...child.aliases()].map((name) => ({ name, description: brief(child.description()) })),
    ),
    options: [
      ...command.options.filter((option) => !option.hidden).map((option) => completed(option)),
      { name: '--help', description: 'what it takes, with examples', value: null },
    ],
    arguments: command.registeredArguments.map((argument) => valuesOf(argument)),
    hasMore: command.registeredArguments.at(-1)?.variadic ?? false,
  });
  for (const child of children)
    for (const name of [child.name(), ...child.aliases()])
      visit(child, path ? `${path} ${name}` : name, found);
}

/** Commander keeps this to itself, but its help asks for it by a public way. */
export function isHidden(command: Command): boolean {
  return !command.parent?.createHelp().visibleCommands(command.parent).includes(command);
}

function completed(option: Option): CompletedOption {
  const takesValue = option.required || option.optional;
  return {
    name: option.long ?? option.short ?? '',
    description: brief(option.description),
    value: takesValue ? named(/[<[]([^>\]]*)/.exec(option.flags)?.[1] ?? '', option.argChoices) : null,
  };
}

function valuesOf(argument: Argument): Values {
  return named(argument.name(), argument.argChoices);
}

const kinds: Record<string, NameKind> = {
  edition: 'editions',
  list: 'lists',
  newsletter: 'newsletters',
  route: 'routes',
  segment: 'segments',
  source: 'sources',
  topic: 'topics',
};

/** What stands for a value is told by what its place is called: <list>, <file>, <on or off>. */
function named(place: string, choices: readonly string[] | undefined): Values {
  if (choices && choices.length > 0) return { kind: 'words', words: choices };
  const word = place.replace(/\.{3}$/, '').toLowerCase();
  const kind = kinds[word] ?? kinds[word.replace(/s$/, '')];
  if (kind) return { kind: 'names', of: kind };
  if (/^(?:file|files|folder|input|path)$/.test(word)) return { kind: 'files' };
  if (word === 'shell') return { kind: 'words', words: ['bash', 'zsh', 'fish'] };
  return { kind: 'anything' };
}

/** A description that fits beside a word, without what a shell would read. */
function brief(description: string): string {
  const first = description.split(/[;:(\n]/)[0]?.trim() ?? '';
  return first.replace(/['"\\`$[\]]/g, '').slice(0, 70);
}
