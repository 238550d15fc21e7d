import type { CompletedCommand, Values } from './tree.ts';

/** A completion script for bash 3.2 and later. */
export function bashScript(commands: CompletedCommand[]): string {
  return `# Completion of broadsheet for bash, made by "broadsheet completion bash".
# For good: broadsheet completion bash > ~/.local/share/bash-completion/completions/broadsheet

_broadsheet_commands() {
  case "$1" in
${commands
  .filter(({ commands: below }) => below.length > 0)
  .map(({ path, commands: below }) => `    '${path}') echo '${below.map(({ name }) => name).join(' ')}' ;;`)
  .join('\n')}
  esac
}

_broadsheet_options() {
  case "$1" in
${commands.map(({ path, options }) => `    '${path}') echo '${options.map(({ name }) => name).join(' ')}' ;;`).join('\n')}
  esac
}

# What an option takes: "words …", "names KIND", "files" or "anything"; nothing if it takes nothing.
_broadsheet_value() {
  case "$1 $2" in
${commands.flatMap(({ path, options }) => options.flatMap(({ name, value }) => (value ? [`    '${path} ${name}') echo '${shellWords(value)}' ;;`] : []))).join('\n')}
  esac
}

# What stands in a place after a command, from 0.
_broadsheet_argument() {
  case "$1 $2" in
${commands.flatMap(({ path, arguments: places, hasMore }) => places.map((value, place) => `    '${path} '${hasMore && place === places.length - 1 ? '*' : place}) echo '${shellWords(value)}' ;;`)).join('\n')}
  esac
}

_broadsheet() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at='' place=0 index=1 word what=''
  COMPREPLY=()
  while [ "$index" -lt "$COMP_CWORD" ]; do
    word="\${COMP_WORDS[index]}"
    what=''
    case "$word" in
      -*)
        what="$(_broadsheet_value "$at" "$word")"
        if [ -n "$what" ]; then
          index=$((index + 1))
          [ "\${COMP_WORDS[index]}" = '=' ] && index=$((index + 1))
        fi
        ;;
      *)
        case " $(_broadsheet_commands "$at") " in
          *" $word "*) at="\${at:+$at }$word"; place=0 ;;
          *) place=$((place + 1)) ;;
        esac
        ;;
    esac
    index=$((index + 1))
  done
  if [ "$index" -eq "$COMP_CWORD" ]; then
    case "$current" in
      -*) what="words $(_broadsheet_options "$at")" ;;
      *)
        what="$(_broadsheet_commands "$at")"
        if [ -n "$what" ]; then what="words $what"; else what="$(_broadsheet_argument "$at" "$place")"; fi
        ;;
    esac
  fi
  [ "$current" = '=' ] && current=''
  case "$what" in
    'words '*) COMPREPLY=($(compgen -W "\${what#words }" -- "$current")) ;;
    'names '*)
      COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" complete-names "\${what#names }" 2>/dev/null)" -- "$current"))
      ;;
  esac
}

# Where nothing else fits, files do.
complete -o default -F _broadsheet broadsheet
`;
}

/** How a script writes down what may stand in a place. */
export function shellWords(value: Values): string {
  if (value.kind === 'words') return `words ${value.words.join(' ')}`;
  if (value.kind === 'names') return `names ${value.of}`;
  return value.kind;
}
