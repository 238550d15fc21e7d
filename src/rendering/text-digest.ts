import { columns, fixed, flowed, isUnspaced } from './flowed.ts';
import { mark } from './marks.ts';
import type { ThemeNote, ThemeProps, ThemeStory } from './theme-props.ts';

const width = 76;

/** Where links stand: beneath what they belong to, or numbered, with their addresses listed at the end. */
export type TextLinks = 'inline' | 'numbered';

/**
 * The plain text of an edition, written as text (`format=flowed`, RFC 3676), with the same marks as the HTML. Links are
 * numbered for each reader anew, in the order of their stories.
 */
export function textDigest(props: ThemeProps, links: TextLinks = 'inline'): string {
  const { newsletter, edition, reader, words } = props;
  const paragraph = (text: string) => flowed(text, isUnspaced(props.language));
  const name = newsletter.name.toLocaleUpperCase(props.language);
  const parts = [
    `${fixed(name)}\n${fixed(edition.date)}\n${rule('=', Math.max(columns(name), columns(edition.date)))}\n\n`,
    `${reader.greeting}\n\n\n`,
  ];
  for (const section of props.sections) {
    const title = section.title.toLocaleUpperCase(props.language);
    parts.push(section.open, `${fixed(title)}\n${rule('-', columns(title))}\n\n`);
    for (const story of section.stories)
      parts.push(story.open, storyText(story, section.slot, links, paragraph), story.close);
    parts.push(section.close);
  }
  if (links === 'numbered') {
    for (const section of props.sections) {
      parts.push(section.open);
      for (const story of section.stories) parts.push(story.open, listOf(story, section.slot), story.close);
      parts.push(section.close);
    }
    parts.push('\n');
  }
  parts.push(
    `${rule('=', 8)}\n\n`,
    `${paragraph(reader.why)}\n\n`,
    `${fixed(words.view)}:\n${reader.viewUrl}\n\n`,
    `${fixed(words.share)}:\n${reader.shareUrl}\n\n`,
    `${fixed(words.preferences)}:\n${reader.preferencesUrl}\n\n`,
    `${fixed(words.unsubscribe)}:\n${reader.unsubscribeUrl}\n`,
  );
  if (props.brand.footer)
    parts.push('\n', ...props.brand.footer.split(/\r?\n/).map((line) => `${paragraph(line)}\n`));
  return parts.join('');
}

const rule = (character: string, length: number) => character.repeat(Math.min(width, length));

function storyText(
  story: ThemeStory,
  slot: string,
  links: TextLinks,
  paragraph: (text: string) => string,
): string {
  if (slot === 'note' && story.note)
    return `${noteBlocks(story.note, links, paragraph)
      .map((lines) => lines.join('\n'))
      .join('\n\n')}\n\n\n`;
  const number = links === 'numbered' ? ` [${mark.linkNumber}]` : '';
  const address = (url: string) => (links === 'numbered' ? [] : [fixed(url)]);
  const facts = [story.publisher, story.age, story.coverage].filter(Boolean).join(' · ');
  const blocks = [
    [paragraph(`${story.title}${number}`)],
    // A brief item is its headline.
    ...[story.developing, slot === 'brief' ? '' : story.dek].filter(Boolean).map((text) => [paragraph(text)]),
    [paragraph(facts), ...address(story.url)],
    ...story.related.map((related) => [
      paragraph(`* ${related.label}: ${related.title} (${related.publisher})${number}`),
      ...address(related.url),
    ]),
    ...(story.note ? noteBlocks(story.note, links, paragraph) : []),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n\n\n`;
}

/** A title, paragraphs, and where the links in them lead. */
function noteBlocks(
  { title, paragraphs, links: led }: ThemeNote,
  links: TextLinks,
  paragraph: (text: string) => string,
): string[][] {
  const numbered = links === 'numbered';
  return [
    ...(title ? [[paragraph(title)]] : []),
    ...paragraphs.map((lines) => lines.map(paragraph)),
    ...led.map(({ text, url }) =>
      numbered ? [paragraph(`* ${text} [${mark.linkNumber}]`)] : [paragraph(`* ${text}`), fixed(url)],
    ),
  ];
}

function listOf(story: ThemeStory, slot: string): string {
  const own = slot === 'note' && story.note ? [] : [story.url];
  return [...own, ...[...story.related, ...(story.note?.links ?? [])].map(({ url }) => url)]
    .map((url) => `[${mark.listNumber}] ${url}\n`)
    .join('');
}
