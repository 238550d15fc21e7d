import type { CompletedCommand, Values } from './tree.ts';

/** A completion script for fish, with what each command and option does. */
export function fishScript(commands: CompletedCommand[]): string {
  const groups = commands.filter(({ commands: below }) => below.length > 0);
  return `# Completion of broadsheet for fish, made by "broadsheet completion fish".
# For good: broadsheet completion fish > ~/.config/fish/completions/broadsheet.fish

set -g __broadsheet_paths ${commands
    .filter(({ path }) => path !== '')
    .map(({ path }) => `'${path}'`)
    .join(' ')}

# Whether the words before the cursor lead to a command.
function __broadsheet_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim -- "$at $word")
        contains -- $next $__broadsheet_paths
        and set at $next
    end
    test "$at" = "$argv[1]"
end

function __broadsheet_names
    set -l program (commandline -opc)[1]
    $program complete-names $argv[1] 2>/dev/null
end

complete -c broadsheet -f
${groups.flatMap(({ path, commands: below }) => below.map(({ name, description }) => `complete -c broadsheet -n '__broadsheet_at "${path}"' -a '${name}'${d(description)}`)).join('\n')}
${commands.flatMap(({ path, options }) => options.map(({ name, description, value }) => `complete -c broadsheet -n '__broadsheet_at "${path}"' -l ${name.replace(/^--/, '')}${value ? ` ${taken(value)}` : ''}${d(description)}`)).join('\n')}
${commands.flatMap(({ path, arguments: places }) => places.flatMap((value) => (value.kind === 'anything' ? [] : [`complete -c broadsheet -n '__broadsheet_at "${path}"' ${offered(value)}`]))).join('\n')}
`;
}

const d = (description: string) => (description ? ` -d '${description}'` : '');

/** What follows an option: -r lets files be offered, -x does not. */
const taken = (value: Values) =>
  value.kind === 'files' ? '-r -F' : value.kind === 'anything' ? '-x' : `-x ${offered(value)}`;

function offered(value: Values): string {
  if (value.kind === 'words') return `-a '${value.words.join(' ')}'`;
  if (value.kind === 'names') return `-a '(__broadsheet_names ${value.of})'`;
  return '-F';
}
