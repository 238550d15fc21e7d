import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import Confirm from '../../emails/confirm.tsx';
import { linkKey } from '../../src/editions/edition-links.ts';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { themeBrand } from '../../src/rendering/brand.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { storyLinks } from '../../src/rendering/links.ts';
import { renderMail } from '../../src/rendering/mail.ts';
import { renderTemplate } from '../../src/rendering/template.ts';
import { findTheme, listThemes, themePreview } from '../../src/rendering/theme.ts';
import { editionContent, sampleValues } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Button {
  href: string;
  label: string;
  colour: string;
  onColour: string;
}

const hex = (colour: string) =>
  colour.replace(/rgb\((\d+), (\d+), (\d+)\)/, (_, ...parts: string[]) =>
    ['#', ...parts.slice(0, 3).map((part) => Number(part).toString(16).padStart(2, '0'))].join(''),
  );

/** What looks like a button in the clients that know CSS: a link on a colour of its own. */
function cssButtons(html: string): Button[] {
  const { document } = new JSDOM(html).window;
  return [...document.querySelectorAll<HTMLElement>('a[href]')]
    .filter(({ style }) => style.display === 'inline-block' && style.backgroundColor !== '')
    .map((link) => ({
      href: link.getAttribute('href') ?? '',
      label: (link.textContent ?? '').trim(),
      colour: hex(link.style.backgroundColor),
      onColour: hex(link.style.color),
    }));
}

/** What Outlook for Windows draws: read as XML, as it is VML. */
function vmlButtons(html: string): (Button & { width: number; arc: number })[] {
  return [...html.matchAll(/<!--\[if mso\]>((?:(?!<!\[endif\]).)*<v:roundrect.*?)<!\[endif\]-->/gs)].map(
    ([, inner = '']) => {
      const { window } = new JSDOM('');
      const xml = new window.DOMParser().parseFromString(
        `<all xmlns:v="urn:schemas-microsoft-com:vml">${inner}</all>`,
        'application/xml',
      );
      expect(xml.querySelector('parsererror')?.textContent).toBeUndefined();
      const shapes = xml.getElementsByTagNameNS('urn:schemas-microsoft-com:vml', 'roundrect');
      expect(shapes).toHaveLength(1);
      const shape = shapes[0] as Element;
      const center = shape.getElementsByTagName('center')[0] as Element;
      return {
        href: shape.getAttribute('href') ?? '',
        label: (center.textContent ?? '').trim(),
        colour: shape.getAttribute('fillcolor') ?? '',
        onColour: /(?:^|;)color:(#[0-9a-f]+)/.exec(center.getAttribute('style') ?? '')?.[1] ?? '',
        width: Number(/(?:^|;)width:(\d+)px/.exec(shape.getAttribute('style') ?? '')?.[1]),
        arc: Number.parseInt(shape.getAttribute('arcsize') ?? '', 10),
      };
    },
  );
}

/** The parts of a page that all clients but Outlook for Windows show. */
const shownOutsideOutlook = (html: string) =>
  [...html.matchAll(/<!--\[if !mso\]><!-->(.*?)<!--<!\[endif\]-->/gs)].map(([, inner]) => inner).join('');

const plain = ({ href, label, colour, onColour }: Button): Button => ({ href, label, colour, onColour });

test.each(listThemes().flatMap((theme) => ['en', 'ar'].map((language) => ({ theme, language }))))(
  'each button of $theme.name in $language is drawn for Outlook as well, with the same link, words and colours',
  async ({ theme, language }) => {
    const preview = themePreview(theme, language);
    const { html } = await renderTemplate(theme.file, {
      ...preview,
      brand: themeBrand({ colour: '#ffd400', radius: 8 }),
    });
    const buttons = cssButtons(html);
    const shapes = vmlButtons(html);
    expect(shapes.map(plain)).toEqual(buttons);
    if (theme.name === 'magazine' || theme.name === 'briefing') {
      expect(buttons.length).toBeGreaterThan(0);
      expect(buttons[0]?.colour).toBe('#ffd400');
      expect(buttons[0]?.label).toBe(preview.words.readMore);
      // 8 px of about 46 or 50.
      for (const { arc } of shapes) expect(arc).toBeGreaterThanOrEqual(15);
      for (const { arc } of shapes) expect(arc).toBeLessThanOrEqual(18);
    } else expect(html).not.toMatch(/<mj-button|class="[^"]*\b(?:button|action)\b/);
    // Neither sees the other's.
    for (const { href } of buttons)
      expect(shownOutsideOutlook(html)).toContain(href.replaceAll('&', '&amp;'));
    expect(html.replace(/<!--.*?-->/gs, '')).not.toContain('v:roundrect');
  },
);

test.each(['magazine', 'briefing'])(
  '%s rounds the corners of its button no further than a half circle',
  async (name) => {
    const theme = findTheme(name);
    for (const [radius, arc] of [
      [0, 0],
      [32, 50],
    ] as const) {
      const { html } = await renderTemplate(theme.file, {
        ...themePreview(theme, 'en'),
        brand: { ...themeBrand({}), radius },
      });
      expect(vmlButtons(html).map((shape) => shape.arc)).toEqual([arc]);
    }
  },
);

test.each(['magazine', 'briefing'])(
  '%s: a counted link in the button is the reader’s own, for Outlook as for the others',
  async (theme) => {
    const content = editionContent({ theme });
    const numbers = new Map(storyLinks(content, null).map((link, number) => [linkKey(link), number]));
    const compiled = await compileEdition(content, {
      links: { utm: null, counted: { base: 'https://news.example.com/c', numbers } },
    });
    const token = `a"b&c<d>'e-->`;
    const html = assembleHtml(compiled, [[0], [1, 2, 3], [4]], { ...sampleValues, token });
    const expected = `https://news.example.com/c/${token}/0`;
    const shapes = vmlButtons(html);
    expect(shapes.map(({ href }) => href)).toEqual([expected]);
    expect(cssButtons(html).map(({ href }) => href)).toEqual([expected]);
    expect(html).not.toMatch(/[\uE000-\uF8FF]/);
  },
);

test('an MJML theme of one’s own may use the button with a reader’s link, and MJML draws backgrounds by VML', async () => {
  const file = join(temporaryFolder('outlook'), 'own.mjml');
  writeFileSync(
    file,
    `<mjml><mj-body>
      <mj-section background-url="https://img.example.com/sea.png" background-color="#123456"><mj-column>
        <mj-text>{{ reader.greeting }}</mj-text>
        {% render 'parts/button.liquid', href: reader.preferencesUrl, label: words.preferences, colour: '#123456', onColour: '#ffffff', radius: 4, padding: '0', start: 'left', direction: direction, language: language, class: 'own' %}
      </mj-column></mj-section>
      {% for section in sections %}<mj-raw>{{ section.open }}</mj-raw><mj-section><mj-column>
      {% for story in section.stories %}<mj-raw>{{ story.open }}</mj-raw><mj-text>{{ story.title }}</mj-text><mj-raw>{{ story.close }}</mj-raw>{% endfor %}
      </mj-column></mj-section><mj-raw>{{ section.close }}</mj-raw>{% endfor %}
    </mj-body></mjml>`,
  );
  const compiled = await compileEdition(editionContent({ theme: file }));
  const preferencesUrl = 'https://news.example.com/p/x?a=1&b="2"';
  const html = assembleHtml(compiled, [[0], [1], []], { ...sampleValues, preferencesUrl });
  expect(vmlButtons(html).map(({ href }) => href)).toEqual([preferencesUrl]);
  expect(cssButtons(html).map(({ href }) => href)).toEqual([preferencesUrl]);
  expect(html).toMatch(
    /<v:rect[^>]*>\s*<v:fill[^>]*src="https:\/\/img\.example\.com\/sea\.png" color="#123456"/,
  );
});

test('a label of many letters, or of wide ones, gets a wider shape', async () => {
  const theme = findTheme('briefing');
  const widthOf = async (language: string, readMore: string) => {
    const props = themePreview(theme, 'en');
    const { html } = await renderTemplate(theme.file, {
      ...props,
      language,
      words: { ...props.words, readMore },
    });
    return vmlButtons(html)[0]?.width ?? 0;
  };
  expect(await widthOf('ja', '続きを読む')).toBeGreaterThan(5 * 16);
  expect(await widthOf('de', 'Den ganzen Artikel lesen')).toBeGreaterThan(
    (await widthOf('de', 'Lesen')) + 100,
  );
});

test('a letter’s button is drawn for Outlook as well', async () => {
  const { html } = await renderMail('confirm', Confirm.PreviewProps);
  const shapes = vmlButtons(html);
  expect(shapes).toHaveLength(1);
  expect(shapes.map(plain)).toEqual(cssButtons(html));
});
