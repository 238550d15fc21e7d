import { micromark } from 'micromark';
import type { Note } from '../selection/chosen.ts';
import { withoutMarks } from './marks.ts';
import type { ThemeNote } from './theme-props.ts';

// What is left are paragraphs, lists, emphasis and links. Markup of HTML is text.
const withoutMuch = {
  extensions: [
    {
      disable: {
        null: [
          'headingAtx',
          'setextUnderline',
          'codeFenced',
          'codeIndented',
          'codeText',
          'htmlFlow',
          'htmlText',
          'thematicBreak',
          'blockQuote',
          'labelStartImage',
          'definition',
        ],
      },
    },
  ],
};

const link = /<a href="([^"]*)"(?: title="[^"]*")?>([\s\S]*?)<\/a>/g;

/** Words in Markdown made ready: links lead to http, https and mailto addresses only. */
export function renderNote({ title, text }: Note): ThemeNote {
  const links: ThemeNote['links'] = [];
  const html = micromark(withoutMarks(text), withoutMuch)
    .replace(link, (_, href: string, label: string) => {
      const url = linkable(unescaped(href));
      if (!url) return label;
      links.push({ text: plain(label), url });
      return `<a href="${escaped(url)}">${label}</a>`;
    })
    .replace(/<ol start="\d+">/g, '<ol>')
    .replace(/\n?(<\/?(?:p|ul|ol|li)>)\n?/g, '$1')
    // A line of the text is a line of the page.
    .replace(/(?:<br \/>)?\n/g, '<br />');
  return { title: withoutMarks(title), html, paragraphs: paragraphsOf(html), links };
}

/** A note in plain words, for themes that know none: links with their addresses behind them. */
export function noteInWords({ html }: ThemeNote): string {
  const spelled = html.replace(link, (_, href: string, label: string) => {
    const address = href.replace(/^mailto:/, '');
    return label === address ? label : `${label} (${address})`;
  });
  return paragraphsOf(spelled)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function linkable(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const url = new URL(href);
  return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined;
}

/** A note's markup with other addresses in its links. @param address gets a link's address and number, from 0 */
export function withNoteLinks(note: ThemeNote, address: (url: string, number: number) => string): ThemeNote {
  const links = note.links.map((each, number) => ({ ...each, url: address(each.url, number) }));
  let next = 0;
  const html = note.html.replace(
    /<a href="[^"]*">/g,
    () => `<a href="${escaped(links[next++]?.url ?? '#')}">`,
  );
  return { ...note, html, links };
}

function paragraphsOf(html: string): string[][] {
  const out: string[][] = [];
  const counters: (number | undefined)[] = [];
  let lines: string[] = [];
  let item = '';
  let current = '';
  const endLine = () => {
    if (current.trim() !== '') lines.push(`${item}${current.trim()}`);
    current = '';
    item = '';
  };
  const end = () => {
    endLine();
    if (lines.length > 0) out.push(lines);
    lines = [];
  };
  for (const [, tag = '', words] of html.matchAll(/<(\/?[a-z]+)[^>]*>|([^<]+)/g)) {
    if (words !== undefined) current += unescaped(words);
    else if (tag === 'br' || tag === '/li') endLine();
    else if (tag === '/p' && counters.length > 0) endLine();
    else if (tag === '/p') end();
    else if (tag === 'ul' || tag === 'ol') {
      if (counters.length === 0) end();
      else endLine();
      counters.push(tag === 'ol' ? 1 : undefined);
    } else if (tag === '/ul' || tag === '/ol') {
      counters.pop();
      if (counters.length === 0) end();
    } else if (tag === 'li') {
      endLine();
      const number = counters.at(-1);
      item = `${'  '.repeat(counters.length - 1)}${number === undefined ? '-' : `${number}.`} `;
      if (number !== undefined) counters[counters.length - 1] = number + 1;
    }
  }
  end();
  return out;
}

const plain = (html: string) => unescaped(html.replace(/<[^>]*>/g, ''));
const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const unescaped = (html: string) =>
  html.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => characters[name] ?? '');
const escaped = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (character) => `&${Object.keys(characters).find((name) => characters[name] === character)};`,
  );
