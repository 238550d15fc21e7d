import { PassThrough } from 'node:stream';
import type { Asking } from '../../src/cli/terminal.ts';

export const keys = {
  enter: '\r',
  down: '\u001b[B',
  space: ' ',
  erase: '\u0015',
  escape: '\u001b',
  ctrlC: '\u0003',
};

/**
 * A terminal with somebody in front of it, who answers each question when it stands on the screen.
 * @param dialogue words of a question, and the keys that are pressed then, in the order in which they are asked
 */
export function terminalWith(dialogue: readonly (readonly [question: string, keys: string])[]): {
  asking: Required<Asking>;
  /** All that was on the screen, without colours. */
  screen(): string;
  /** The questions that have not been asked. */
  left(): string[];
} {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 100, rows: 40 });
  const left = [...dialogue];
  let shown = '';
  let since = 0;
  output.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    const [next] = left;
    if (!next || !plain(shown.slice(since)).includes(next[0])) return;
    left.shift();
    since = shown.length;
    // One key after the other, as a person presses them; a sequence is one.
    const pressed = next[1].match(/\u001b\[.|[\s\S]/g) ?? [];
    setImmediate(() => {
      for (const key of pressed) input.write(key);
    });
  });
  return {
    asking: {
      input: input as unknown as NodeJS.ReadStream,
      output: output as unknown as NodeJS.WriteStream,
    },
    screen: () => plain(shown),
    left: () => left.map(([question]) => question),
  };
}

const plain = (text: string) => text.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '');
