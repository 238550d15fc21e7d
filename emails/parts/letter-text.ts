/** What a letter says in plain text. Links stand on lines of their own, so that they are whole in every client. */
interface LetterText {
  from: string;
  heading: string;
  /** Paragraphs; one that is a web address is left as it is, an empty one is left out. */
  body: string[];
  small?: string[];
  sender: string;
}

const width = 72;

/** A letter as plain text, in lines of 72 columns. */
export function letterText({ from, heading, body, small = [], sender }: LetterText): string {
  const paragraphs = (texts: string[]) => texts.filter((text) => text !== '').map(wrapped);
  return `${[
    `${from}\n${'='.repeat(Math.min(width, columns(from)))}`,
    wrapped(heading),
    ...paragraphs(body),
    '--------',
    ...paragraphs(small),
    sender,
  ].join('\n\n')}\n`;
}

function wrapped(text: string): string {
  return text.split('\n').map(wrappedLine).join('\n');
}

function wrappedLine(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && columns(last) + 1 + columns(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** Chinese, Japanese and Korean letters take two columns. */
function columns(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\u1100-\u115f\u2e80-\uffdc]/.test(letter) ? 2 : 1), 0);
}
