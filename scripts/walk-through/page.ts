/** A file or a command of a page of documentation. */
export type Step =
  | { kind: 'file'; path: string; text: string }
  | { kind: 'command'; line: string; expected: string[]; at: number };

/**
 * The steps of a page, in order: fenced blocks whose info names a file ("```csv people.csv") are files; in "```console" blocks what
 * follows "$ " is a command, and the lines below it are what it prints; in "```sh" blocks each line is a command. A command goes on
 * in the next line after "\\".
 */
export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w+)(?: (\S+))?$/.exec(lines[at] ?? '');
    if (!fence) continue;
    const end = lines.indexOf('```', at + 1);
    const block = lines.slice(at + 1, end);
    if (fence[2]) steps.push({ kind: 'file', path: fence[2], text: `${block.join('\n')}\n` });
    else if (fence[1] === 'console' || fence[1] === 'sh')
      for (const [index, line] of block.entries()) {
        const last = steps.at(-1);
        const place = at + index + 2;
        if (last?.kind === 'command' && last.line.endsWith('\\'))
          last.line = `${last.line.slice(0, -1).trimEnd()} ${line.trim()}`;
        else if (fence[1] === 'sh') {
          if (/^[^#\s]/.test(line)) steps.push({ kind: 'command', line, expected: [], at: place });
        } else if (line.startsWith('$ '))
          steps.push({ kind: 'command', line: line.slice(2), expected: [], at: place });
        else if (last?.kind === 'command') last.expected.push(line);
      }
    at = end;
  }
  return steps;
}

/** The first of the expected lines that was not printed, in their order; undefined: all were. "…" stands for anything. */
export function missingFrom(printed: string, expected: string[]): string | undefined {
  const lines = printed.split('\n').map((line) => line.trimEnd());
  let at = 0;
  for (const line of expected) {
    if (line.trim() === '…' || line === '') continue;
    const pattern = new RegExp(
      `^${line
        .trimEnd()
        .split('…')
        .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        .join('.*')}$`,
    );
    const found = lines.findIndex((each, index) => index >= at && pattern.test(each));
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

/** The words of a simple command line, and the file that its output goes to. */
export function wordsOf(line: string): { words: string[]; into: string | undefined } {
  const [command = '', into] = line.split(/ > (?=\S+$)/);
  const words = (command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replace(/["']/g, ''),
  );
  return { words, into };
}
