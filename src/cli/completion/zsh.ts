import { shellWords } from './bash.ts';
import type { CompletedCommand } from './tree.ts';

/** A completion script for zsh, with what each command and option does. */
export function zshScript(commands: CompletedCommand[]): string {
  const described = ({ name, description }: { name: string; description: string }) =>
    `'${name}${description ? `:${description.replaceAll(':', ' ')}` : ''}'`;
  return `#compdef broadsheet
# Completion of broadsheet for zsh, made by "broadsheet completion zsh".
# For good, in a folder of $fpath: broadsheet completion zsh > ~/.zfunc/_broadsheet

_broadsheet_commands() {
  case "$1" in
${commands
  .filter(({ commands: below }) => below.length > 0)
  .map(({ path, commands: below }) => `    '${path}') reply=(${below.map(described).join(' ')}) ;;`)
  .join('\n')}
    *) reply=() ;;
  esac
}

_broadsheet_options() {
  case "$1" in
${commands.map(({ path, options }) => `    '${path}') reply=(${options.map(described).join(' ')}) ;;`).join('\n')}
    *) reply=() ;;
  esac
}

# What an option takes: "words …", "names KIND", "files" or "anything"; nothing if it takes nothing.
_broadsheet_value() {
  case "$1 $2" in
${commands.flatMap(({ path, options }) => options.flatMap(({ name, value }) => (value ? [`    '${path} ${name}') REPLY='${shellWords(value)}' ;;`] : []))).join('\n')}
    *) REPLY='' ;;
  esac
}

# What stands in a place after a command, from 0.
_broadsheet_argument() {
  case "$1 $2" in
${commands.flatMap(({ path, arguments: places, hasMore }) => places.map((value, place) => `    '${path} '${hasMore && place === places.length - 1 ? '*' : place}) REPLY='${shellWords(value)}' ;;`)).join('\n')}
    *) REPLY='' ;;
  esac
}

_broadsheet() {
  local at='' place=0 index=2 word what='' REPLY
  local -a reply names
  while (( index < CURRENT )); do
    word="\${words[index]}"
    what=''
    if [[ "$word" == -* ]]; then
      _broadsheet_value "$at" "$word"
      what="$REPLY"
      [[ -n "$what" ]] && (( index++ ))
    else
      _broadsheet_commands "$at"
      names=("\${reply[@]%%:*}")
      if (( \${names[(Ie)$word]} )); then
        at="\${at:+$at }$word"
        place=0
      else
        (( place++ ))
      fi
    fi
    (( index++ ))
  done
  if (( index == CURRENT )); then
    if [[ "\${words[CURRENT]}" == -* ]]; then
      _broadsheet_options "$at"
      _describe -t options option reply
      return
    fi
    _broadsheet_commands "$at"
    if (( \${#reply} )); then
      _describe -t commands command reply
      return
    fi
    _broadsheet_argument "$at" "$place"
    what="$REPLY"
  fi
  case "$what" in
    'words '*) compadd -- \${=what#words } ;;
    'names '*) compadd -- \${(f)"$("\${words[1]}" complete-names "\${what#names }" 2>/dev/null)"} ;;
    files) _files ;;
  esac
}

# As a file of $fpath its body is the function; sourced, it announces itself.
if [[ "\${funcstack[1]}" == _broadsheet ]]; then
  _broadsheet "$@"
else
  compdef _broadsheet broadsheet
fi
`;
}
