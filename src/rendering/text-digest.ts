import type { ThemeProps, ThemeStory } from './theme-props.ts';

const width = 76;

/** The plain text of an edition, written as text, with the same marks as the HTML. */
export function textDigest(props: ThemeProps): string {
  const { newsletter, edition, reader, words } = props;
  const parts = [
    `${newsletter.name.toUpperCase()}\n${edition.date}\n${'='.repeat(Math.min(width, Math.max(newsletter.name.length, edition.date.length)))}\n\n`,
    `${reader.greeting}\n\n`,
  ];
  for (const section of props.sections) {
    parts.push(section.open, `${section.title.toUpperCase()}\n${'-'.repeat([...section.title].length)}\n\n`);
    for (const story of section.stories) parts.push(story.open, storyText(story), story.close);
    parts.push(section.close);
  }
  parts.push(
    `${'='.repeat(8)}\n\n`,
    `${reader.why}\n\n`,
    `${words.view}:\n${reader.viewUrl}\n\n`,
    `${words.preferences}:\n${reader.preferencesUrl}\n\n`,
    `${words.unsubscribe}:\n${reader.unsubscribeUrl}\n`,
  );
  if (props.brand.footer) parts.push(`\n${wrap(props.brand.footer)}\n`);
  return parts.join('');
}

function storyText(story: ThemeStory): string {
  const facts = [story.publisher, story.age, story.coverage].filter(Boolean).join(', ');
  const lines = [wrap(story.title)];
  if (story.developing) lines.push(wrap(story.developing));
  if (story.dek) lines.push(wrap(story.dek));
  lines.push(facts, story.url);
  for (const related of story.related) {
    lines.push(wrap(`* ${related.label}: ${related.title} (${related.publisher})`, '  '), `  ${related.url}`);
  }
  return `${lines.join('\n')}\n\n`;
}

/** Breaks text into lines of 76 columns; a word that is longer stays whole. */
export function wrap(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = indent + word;
    } else line = line ? `${line} ${word}` : word;
  }
  lines.push(line);
  return lines.join('\n');
}

const columns = (text: string) => [...text].length;
