import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EditionStory } from '../../src/editions/content.ts';
import { noteStory } from '../../src/editions/revise/note.ts';
import { assembleHtml, assembleText } from '../../src/rendering/assemble.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { storyLinks } from '../../src/rendering/links.ts';
import { renderNote } from '../../src/rendering/note.ts';
import { listThemes } from '../../src/rendering/theme.ts';
import { editionContent, editionStory, sampleValues } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';

const text = `Good *morning*, **all**. [The map](https://maps.example.com/a?b=1&c=2) shows it.
Write to [us](mailto:desk@example.com).

- One
- Two`;

test('words of the editors are paragraphs, emphasis, lists and links, and nothing else', () => {
  expect(renderNote({ title: 'T', text })).toEqual({
    title: 'T',
    html: '<p>Good <em>morning</em>, <strong>all</strong>. <a href="https://maps.example.com/a?b=1&amp;c=2">The map</a> shows it.<br />Write to <a href="mailto:desk@example.com">us</a>.</p><ul><li>One</li><li>Two</li></ul>',
    paragraphs: [
      ['Good morning, all. The map shows it.', 'Write to us.'],
      ['- One', '- Two'],
    ],
    links: [
      { text: 'The map', url: 'https://maps.example.com/a?b=1&c=2' },
      { text: 'us', url: 'mailto:desk@example.com' },
    ],
  });
  const hostile = [
    '<script>alert(1)</script> <img src=x onerror=alert(1)>',
    '[a](javascript:alert(1)) [b](data:text/html,x) [c](//evil.example.com) [d](/x) [e](vbscript:x)',
    '![beacon](https://evil.example.com/x.png)',
    '[x](https://e.example.com/"onmouseover="alert(1))',
    '<https://e.example.com/"><script>>',
    '[r]: javascript:alert(1)\n\n[r]',
    '\uE000v:token\uE001 \uE000/b\uE001',
    '# Heading\n\n```\n<b>\n```\n\n> quote\n\n---',
    '&lt;script&gt;',
  ];
  for (const each of hostile) {
    const { html, links } = renderNote({ title: '', text: each });
    expect(
      html.replace(/<\/?(?:p|em|strong|ul|ol|li)>|<br \/>|<a href="(?:https?:|mailto:)[^"<>]*">|<\/a>/g, ''),
    ).not.toMatch(/[<>\uE000\uE001]/);
    for (const { url } of links) expect(url).toMatch(/^(https?:\/\/|mailto:)/);
  }
});

const at = new Date('2026-11-24T07:00:00Z');

function withNotes(theme: string) {
  const note = {
    ...noteStory('n1', { title: 'From the desk', text }, at, 'A note by Ada.'),
    position: 2,
    slot: 'note',
  };
  const stories: EditionStory[] = [
    editionStory(0, {
      slot: 'top',
      note: { title: 'Our view', text: 'It is [bright](https://bright.example.com/).' },
    }),
    editionStory(1, { slot: 'top' }),
    note,
    { ...note, position: 3, slot: 'note-2', key: 'n2', title: '', note: { title: '', text: 'Bye.' } },
  ];
  const slots = [
    { name: 'note', count: 1 },
    { name: 'top', count: 2 },
    { name: 'note-2', count: 1 },
  ];
  return editionContent({ theme, stories, slots });
}
const choice = [[2], [0, 1], [3]];

test.for(listThemes().map(({ name }) => name))(
  '%s shows notes in their places and beneath stories',
  async (theme) => {
    const content = withNotes(theme);
    const links = storyLinks(content, null).filter(({ url }) => !url.includes('news.example.com/stories'));
    const numbers = new Map(
      links.map((link, number) => [`${link.position} ${link.related} ${link.url}`, number + 70]),
    );
    const compiled = await compileEdition(content, {
      links: { utm: null, counted: { base: 'https://n.example.com/c', numbers } },
    });
    const html = assembleHtml(compiled, choice, sampleValues);
    expect(html).toMatch(/Good <em>morning<\/em>, <strong>all<\/strong>/);
    expect(html).toMatch(/<li [^>]*style="[^"]*color:#[^"]*"[^>]*>One<\/li>/);
    expect(html).toContain('href="mailto:desk@example.com"');
    expect(html).toContain('Our view');
    const order = ['From the desk', 'Story number 0', 'Our view', 'Story number 1', 'Bye.'].map((each) =>
      html.lastIndexOf(each),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    // Both are counted: the note's own link, and that of the words beneath the story, which has one related story.
    const counted = (url: string) =>
      `https://n.example.com/c/1-2-abc/${70 + links.findIndex((link) => link.url === url)}`;
    expect(html).toContain(`href="${counted('https://maps.example.com/a?b=1&c=2')}"`);
    expect(html).toContain(`href="${counted('https://bright.example.com/')}"`);
    expect(links.find(({ url }) => url === 'https://bright.example.com/')).toMatchObject({
      position: 0,
      related: 1,
    });
    expect(links.find(({ url }) => url.includes('maps'))).toMatchObject({ position: 2, related: 0 });
    expect(html).not.toContain('>#<');

    const plain = assembleText(compiled, choice, sampleValues);
    expect(plain).toContain(
      'Good morning, all. The map shows it.\nWrite to us.\n\n- One\n- Two\n\n* The map',
    );
    expect(plain).toContain(counted('https://bright.example.com/'));
    expect(plain).not.toMatch(/^#$/m);
  },
);

test('a theme that knows no notes beneath stories has them in their texts', async () => {
  const file = join(temporaryFolder(), 'own.mjml');
  copyFileSync(join(import.meta.dirname, '../../emails/list.mjml'), file);
  const compiled = await compileEdition(withNotes(file));
  expect(assembleHtml(compiled, choice, sampleValues)).toMatch(
    /What story 0 is about, in a sentence\.\s+Our view\s+It is bright \(https:\/\/bright\.example\.com\/\)\./,
  );
});
