import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rawData } from 'caniemail';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EditionStory } from '../../src/editions/content.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { packageRoot } from '../../src/package-root.ts';
import { mediaApplies, specificityOf } from '../../src/rendering/checks/cascade.ts';
import { checkEdition, keptFindings } from '../../src/rendering/checks/check-edition.ts';
import { clients, graceful } from '../../src/rendering/checks/client-matrix.ts';
import { supportOf } from '../../src/rendering/checks/client-support.ts';
import { parseColour } from '../../src/rendering/checks/contrast.ts';
import { examinePages } from '../../src/rendering/checks/examine-pages.ts';
import { type Finding, placeInWords } from '../../src/rendering/checks/finding.ts';
import { assign, largestChoice } from '../../src/rendering/checks/largest-digest.ts';
import { examinedMessage } from '../../src/rendering/checks/message.ts';
import { skeleton } from '../../src/rendering/checks/page.ts';
import { checkSubjects, columns } from '../../src/rendering/checks/subject-line.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { listThemes } from '../../src/rendering/theme.ts';
import { editionContent, editionStory } from '../support/edition.ts';
import { findingsOf, madeEdition, themeWith, wordyStories } from './checks-support.ts';

const errors = (findings: Finding[]) => findings.filter(({ severity }) => severity === 'error');

test('in a good edition nothing is found, and that is kept with its version', async () => {
  const { context, edition } = await madeEdition();
  expect(await checkEdition(context, edition, { links: false })).toEqual([]);
  const after = await getEdition(context, edition.id);
  expect(after).toMatchObject({ findings: [], checked_version: edition.version });
  expect(keptFindings(after)).toEqual([]);
  expect(keptFindings({ ...after, version: after.version + 1 })).toBeUndefined();
});

test.each(listThemes().map(({ name }) => name))(
  'the theme %s has no error, and no warning, in any language',
  async (theme) => {
    const stories = wordyStories(12).map((story) => ({
      ...story,
      imageUrl: `https://img.example.com/${story.position}.png`,
      imageAlt: 'The quay at dusk',
      developing: story.position === 1 ? 'The gate is shut again' : null,
    }));
    const findings = await findingsOf({
      theme,
      stories,
      newsletter: {
        languages: ['de', 'ar', 'ja'],
        tracking: { clicks: true, opens: true },
        brand: {
          footer: 'Harbour Post, Quay Lane 1, 12345 Harbour',
          colour: '#ffcc00',
          logo: { url: 'https://img.example.com/logo.png', alt: 'The Harbour Post', width: 120 },
          social: [{ name: 'Mastodon', url: 'https://social.example.com/@harbour' }],
          radius: 8,
        },
      },
    });
    expect(findings.filter(({ severity }) => severity !== 'hint')).toEqual([]);
  },
);

test('a theme that forgets dir is told so for Arabic, naming the language', async () => {
  const theme = themeWith([' dir={direction}', ' dir="ltr"']);
  const findings = await findingsOf({ theme, newsletter: { languages: ['ar'] } });
  expect(findings).toMatchObject([
    { check: 'structure', severity: 'error', where: { part: 'html', language: 'ar' } },
  ]);
  expect(findings[0]?.message).toBe('The page is written from right to left, and its dir says "ltr".');
});

interface Broken {
  what: string;
  change: [from: string, to: string];
  found: { check: string; severity: string; message: RegExp; element?: RegExp; story?: boolean };
}

const top = '<h1>{newsletter.name}</h1>';
const image = '<img src={story.image.url} alt={story.image.alt} width="300" />';
const story = '<p>{story.dek}</p>';

const broken: Broken[] = [
  {
    what: 'flex in a style attribute',
    change: [top, `<div style={{ display: 'flex' }}>x</div>${top}`],
    found: {
      check: 'clients',
      severity: 'error',
      message: /flex.* Outlook for Windows/,
      element: /display: flex/,
    },
  },
  {
    what: 'a background image in CSS',
    change: [top, `<div style={{ backgroundImage: 'linear-gradient(#fff, #eee)' }}>x</div>${top}`],
    found: { check: 'clients', severity: 'error', message: /linear-gradient.*Outlook/ },
  },
  {
    what: 'a CSS variable in a style sheet',
    change: ['p { margin: 0 }', ':root { --ink: #111 } p { color: var(--ink) }'],
    found: { check: 'clients', severity: 'error', message: /Variables/, element: /--ink/ },
  },
  {
    what: 'a video',
    change: [top, `<video src="https://example.com/a.mp4" />${top}`],
    found: { check: 'clients', severity: 'error', message: /<video>.*not supported/ },
  },
  {
    what: 'a role that is none',
    change: [story, '<p role="listitem">{story.dek}</p>'],
    found: {
      check: 'accessibility',
      severity: 'error',
      message: /aria-required-parent/,
      element: /role="listitem"/,
    },
  },
  {
    what: 'no title',
    change: ['<title>{edition.subject}</title>', ''],
    found: { check: 'structure', severity: 'error', message: /no title/ },
  },
  {
    what: 'no language',
    change: ['<html lang={language}', '<html'],
    found: { check: 'structure', severity: 'error', message: /does not say in which language/ },
  },
  {
    what: 'a wrong language',
    change: ['<html lang={language}', '<html lang="fr"'],
    found: { check: 'structure', severity: 'error', message: /says that it is in "fr", and is in "en"/ },
  },
  {
    what: 'no direction',
    change: [' dir={direction}', ''],
    found: { check: 'structure', severity: 'warning', message: /in which direction/ },
  },
  {
    what: 'two h1',
    change: [top, `${top}<h1>Again</h1>`],
    found: { check: 'structure', severity: 'error', message: /There are 2 <h1>/ },
  },
  {
    what: 'no h1',
    change: [top, '<p>{newsletter.name}</p>'],
    found: { check: 'structure', severity: 'error', message: /There is no <h1>/ },
  },
  {
    what: 'a heading level left out',
    change: ['<h2>{section.title}</h2>', '<h4>{section.title}</h4>'],
    found: { check: 'structure', severity: 'error', message: /<h4> follows an <h1>/ },
  },
  {
    what: 'a layout table that is one',
    change: ['<table role="presentation" width="600">', '<table width="600">'],
    found: {
      check: 'structure',
      severity: 'error',
      message: /layout is read out/,
      element: /<table width="600">/,
    },
  },
  {
    what: 'an image without alt',
    change: [image, '<img src={story.image.url} width="300" />'],
    found: { check: 'images', severity: 'error', message: /no alt text/, element: /<img/, story: true },
  },
  {
    what: 'an image without width',
    change: [image, '<img src={story.image.url} alt={story.image.alt} />'],
    found: { check: 'images', severity: 'warning', message: /no width/, story: true },
  },
  {
    what: 'an image of a page nearby',
    change: [image, '<img src="logo.png" alt="Logo" width="300" />'],
    found: { check: 'images', severity: 'error', message: /leads nowhere from a mail/, story: true },
  },
  {
    what: 'a link without text',
    change: [story, `${story}<a href={story.url}></a>`],
    found: { check: 'links', severity: 'error', message: /no text/, story: true },
  },
  {
    what: 'a link to #',
    change: [top, `${top}<a href="#" style={{ color: '#003399' }}>Up</a>`],
    found: { check: 'links', severity: 'error', message: /leads nowhere/, element: /href="#"/ },
  },
  {
    what: 'a link to an anchor that is not there',
    change: [top, `${top}<a href="#nowhere" style={{ color: '#003399' }}>Down</a>`],
    found: { check: 'links', severity: 'error', message: /"#nowhere", which is not in the mail/ },
  },
  {
    what: 'a link with a scheme of its own',
    change: [top, `${top}<a href="ftp://example.com/a" style={{ color: '#003399' }}>Files</a>`],
    found: { check: 'links', severity: 'error', message: /begins with "ftp:"/ },
  },
  {
    what: 'a form',
    change: [top, `${top}<form action="https://example.com"><input type="hidden" name="a" /></form>`],
    found: { check: 'spam', severity: 'error', message: /There is a <form>/ },
  },
  {
    what: 'a script',
    change: [top, `${top}<script src="https://example.com/a.js"></script>`],
    found: { check: 'spam', severity: 'error', message: /There is a <script>/ },
  },
  {
    what: 'script in an attribute',
    change: [top, `${top}<div dangerouslySetInnerHTML={{ __html: '<p onclick="go()">Go</p>' }} />`],
    found: { check: 'spam', severity: 'error', message: /script in an attribute/, element: /onclick/ },
  },
  {
    what: 'a shortener',
    change: [top, `${top}<a href="https://bit.ly/abc" style={{ color: '#003399' }}>Short</a>`],
    found: { check: 'spam', severity: 'warning', message: /goes through bit\.ly/, element: /bit\.ly\/abc/ },
  },
  {
    what: 'a server without a name',
    change: [top, `${top}<a href="https://192.0.2.7/abc" style={{ color: '#003399' }}>There</a>`],
    found: { check: 'spam', severity: 'warning', message: /without a name \(192\.0\.2\.7\)/ },
  },
  {
    what: 'no unsubscribe link',
    change: ['<a href={reader.unsubscribeUrl}', '<a href="https://example.com/leave"'],
    found: { check: 'unsubscribe', severity: 'error', message: /HTML has no unsubscribe link/ },
  },
  {
    what: 'template braces',
    change: [top, `${top}<p>{'Dear {{ reader.firstName }}'}</p>`],
    found: { check: 'leftovers', severity: 'error', message: /\{\{ reader\.firstName \}\}/ },
  },
  {
    what: 'half a mark',
    change: [story, '<p>{reader.greeting.slice(0, -1)}</p>'],
    found: { check: 'leftovers', severity: 'error', message: /mark of the compiler/, story: true },
  },
  {
    what: 'pale text',
    change: [story, `<p style={{ color: '#999999' }}>{story.dek}</p>`],
    found: {
      check: 'contrast',
      severity: 'error',
      message: /light mode.*#999999 on #ffffff.*2\.85/,
      story: true,
    },
  },
  {
    what: 'hidden text in the colour of the paper',
    change: [top, `<div style={{ display: 'none', color: '#fefefe' }}>Preheader</div>${top}`],
    found: {
      check: 'spam',
      severity: 'hint',
      message: /Hidden text has the colour of the paper \(#fefefe on #ffffff\)/,
      element: /Preheader/,
    },
  },
  {
    what: 'text that the dark mode forgets',
    change: [
      'p { margin: 0 }',
      '@media (prefers-color-scheme: dark) { body { background: #111111 !important } h1, h2, p { color: #eeeeee !important } }',
    ],
    found: { check: 'contrast', severity: 'error', message: /dark mode.*#003399 on #111111/ },
  },
];

test.each(broken)('$what is found, with its place and what to do', async ({ change, found }) => {
  const stories = wordyStories().map((each) => ({ ...each, imageUrl: 'https://img.example.com/a.png' }));
  const findings = await findingsOf({ theme: themeWith(change), stories });
  const finding = findings.find(
    ({ check, severity, message }) =>
      check === found.check && severity === found.severity && found.message.test(message),
  );
  expect(finding, JSON.stringify(findings, null, 1)).toBeDefined();
  expect(finding!.mend).toMatch(/^[A-Z].{10,}/);
  if (found.element) expect(finding!.where.element).toMatch(found.element);
  if (found.story)
    expect(finding!.where).toMatchObject({ slot: 'lead', story: { number: 1, title: 'Story number 0' } });
  // What is broken in one place is not told of others.
  expect(findings.length).toBeLessThan(6);
});

test('what a check may pass over: mailto, anchors that are there, ornaments, hidden text, targeted selectors', async () => {
  const theme = themeWith(
    [
      top,
      `${top}<a href="mailto:desk@example.com" style={{ color: '#003399' }}>Write</a>
       <a href="#end" style={{ color: '#003399' }}>To the end</a><a id="end"></a>
       <img src="https://img.example.com/line.png" alt="" width="10" />
       <div style={{ display: 'none' }}>Preheader</div>
       <span style={{ color: '#dddddd' }}>·</span>`,
    ],
    [
      'p { margin: 0 }',
      '[data-ogsc] p { color: #ffffff } a[x-apple-data-detectors] { color: inherit } a { border-radius: 4px } @media (max-width: 400px) { h1 { font-size: 20px } }',
    ],
  );
  expect(await findingsOf({ theme })).toEqual([]);
});

test('features within a query that a client does not know are not held against it', async () => {
  const sheet = '@media (prefers-color-scheme: dark) { p { text-shadow: none } }';
  const theme = themeWith(['p { margin: 0 }', sheet]);
  const [finding] = await findingsOf({ theme });
  const outside = await findingsOf({ theme: themeWith(['p { margin: 0 }', 'p { text-shadow: none }']) });
  const told = `${finding?.message ?? ''}`;
  // Outlook for Windows does not know text-shadow, and never comes to it within the query.
  expect(outside[0]?.message).toContain('Outlook for Windows (classic)');
  expect(told).not.toContain('Outlook for Windows (classic)');
});

test('what comments hide from Outlook is not held against it', async () => {
  const hidden = `<div dangerouslySetInnerHTML={{ __html: '<!--[if !mso]><!--><div style="position:absolute">x</div><!--<![endif]-->' }} />`;
  const messages = async (markup: string) =>
    (await findingsOf({ theme: themeWith([top, `${markup}${top}`]) }))
      .map(({ message }) => message)
      .join('\n');
  expect(await messages(`<div style={{ position: 'absolute' }}>x</div>`)).toContain(
    'Outlook for Windows (classic)',
  );
  expect(await messages(hidden)).not.toContain('Outlook for Windows (classic)');
});

test('braces that are a story’s own words are no leftovers', async () => {
  const stories = wordyStories();
  stories[2] = { ...stories[2]!, title: 'How {{ name }} & "{% if %}" came into mail' };
  expect(await findingsOf({ stories })).toEqual([]);
});

test('markup in stories is no markup of the mail', async () => {
  const stories = wordyStories();
  stories[1] = { ...stories[1]!, title: '<script>alert(1)</script><img src=x>', dek: '<form></form>' };
  expect(await findingsOf({ stories })).toEqual([]);
});

describe('size', () => {
  const long = (bytes: number) =>
    wordyStories().map((each) => ({ ...each, dek: 'word '.repeat(bytes / 8 / 5) }));

  test('above Gmail’s 102 KB is an error, close to it a warning, below it nothing', async () => {
    const sizes = async (bytes: number) =>
      (await findingsOf({ stories: long(bytes) })).filter(({ check }) => check === 'size');
    expect(await sizes(105_000)).toMatchObject([{ severity: 'error', where: { part: 'html' } }]);
    expect((await sizes(105_000))[0]?.message).toMatch(
      /has 10\d\.\d KB of HTML; Gmail cuts messages at 102\.0 KB/,
    );
    expect(await sizes(92_000)).toMatchObject([{ severity: 'warning' }]);
    expect(await sizes(60_000)).toEqual([]);
  });

  test('is that of the largest stories, each once, whatever their order', async () => {
    const stories = Array.from({ length: 12 }, (_, position) =>
      editionStory(position, {
        slot: 'brief',
        dek: 'word '.repeat(position === 4 || position === 9 ? 400 : 10),
      }),
    );
    const slots = [
      { name: 'lead', count: 1 },
      { name: 'top', count: 2 },
    ];
    const compiled = await compileEdition(editionContent({ stories, slots }));
    const choice = largestChoice(compiled);
    expect(choice.map((each) => each.length)).toEqual([1, 2]);
    expect(choice.flat()).toEqual(expect.arrayContaining([4, 9]));
    expect(new Set(choice.flat()).size).toBe(3);
    const values = {
      greeting: '',
      email: 'ada@example.com',
      unsubscribeUrl: '',
      preferencesUrl: '',
      viewUrl: '',
      token: '',
    };
    const size = (positions: number[][]) =>
      examinedMessage(compiled, positions, values, new Date(0)).parts.html!.length;
    for (let one = 0; one < 12; one++)
      for (let two = 0; two < 12; two++)
        for (let three = two + 1; three < 12; three++)
          if (one !== two && one !== three)
            expect(size([[one], [two, three]])).toBeLessThanOrEqual(size(choice));
  });

  test('the matching is as good as the best of all', () => {
    const table = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(fc.nat(50), { minLength: columns, maxLength: columns }), {
          minLength: rows,
          maxLength: rows,
        }),
      );
    const best = (gains: number[][], row = 0, used = new Set<number>()): number =>
      row === gains.length
        ? 0
        : Math.max(
            best(gains, row + 1, used),
            ...gains[row]!.map((gain, column) =>
              used.has(column) ? 0 : gain + best(gains, row + 1, new Set([...used, column])),
            ),
          );
    fc.assert(
      fc.property(table, (gains) => {
        const columns = assign(gains.length, gains[0]!.length, (row, column) => gains[row]![column]!);
        const taken = columns.filter((column) => column !== undefined);
        expect(new Set(taken).size).toBe(taken.length);
        const sum = columns.reduce(
          (all: number, column, row) => all + (column === undefined ? 0 : gains[row]![column]!),
          0,
        );
        expect(sum).toBe(best(gains));
      }),
    );
  });
});

describe('subject and preheader', () => {
  const of = (subject: string, preheader = 'And more', last?: string) =>
    checkSubjects([subject], preheader, last).map(({ check, severity }) => `${check} ${severity}`);

  test.each([
    ['The old lighthouse is lit again', []],
    ['', ['subject error']],
    ['x'.repeat(151), ['subject error']],
    ['x'.repeat(150), ['subject warning']],
    ['x'.repeat(71), ['subject warning']],
    ['x'.repeat(70), []],
    ['灯'.repeat(36), ['subject warning']],
    ['灯'.repeat(35), []],
    ['THE LIGHTHOUSE IS LIT', ['subject warning']],
    ['NATO', []],
    ['المنارة القديمة مضاءة من جديد', []],
    ['Lit again!!!', ['subject warning']],
    ['Lit again!', []],
  ])('%s', (subject, expected) => expect(of(subject)).toEqual(expected));

  test('the preheader is there, and not longer than what is shown', () => {
    expect(of('Lit', '')).toEqual(['preheader warning']);
    expect(of('Lit', 'x'.repeat(140))).toEqual([]);
    expect(of('Lit', 'x'.repeat(141))).toEqual(['preheader hint']);
  });

  test('a subject as that of the edition before is told, and each that is tried out is looked at', async () => {
    const { context, edition } = await madeEdition();
    await context.db
      .insertInto('editions')
      .values({
        newsletter_id: edition.newsletter_id,
        scheduled_for: new Date(edition.scheduled_for.getTime() - 86_400_000),
        state: 'sent',
        theme: 'broadsheet',
        language: 'en',
        subject: edition.subject,
      })
      .execute();
    await context.db
      .insertInto('edition_subjects')
      .values({ edition_id: edition.id, number: 1, subject: 'Lit again!!!' })
      .execute();
    const messages = (await checkEdition(context, edition, { links: false })).map(({ message }) => message);
    expect(messages).toEqual([
      'The subject is the same as that of the edition before, so inboxes may fold both into one.',
      expect.stringMatching(/tried out, number 2, has several exclamation marks/),
    ]);
  });

  test('columns count what is seen', () => {
    expect(columns('abc')).toBe(3);
    expect(columns('e\u0301')).toBe(1);
    expect(columns('👩‍👩‍👧')).toBe(2);
    expect(columns('日本')).toBe(4);
  });
});

describe('sender', () => {
  test('no postal address, and links to another domain than the sender’s', async () => {
    const findings = await findingsOf({
      newsletter: { brand: {} },
      config: { publicUrl: 'https://mail.elsewhere.test' },
    });
    expect(findings).toMatchObject([
      { check: 'spam', severity: 'warning', message: expect.stringContaining('no postal address') },
      {
        check: 'spam',
        severity: 'hint',
        message: expect.stringContaining('mail.elsewhere.test'),
        where: { part: 'header', element: 'List-Unsubscribe' },
      },
    ]);
  });

  test('a mail of images, and one of markup, are told', async () => {
    const stories: EditionStory[] = wordyStories(2).map((each) => ({
      ...each,
      dek: '',
      related: [],
      imageUrl: 'https://img.example.com/a.png',
    }));
    expect(await findingsOf({ stories })).toMatchObject([
      { check: 'spam', severity: 'warning', message: expect.stringContaining('mostly images') },
    ]);
    stories.splice(0, 8, ...wordyStories(3).map((each) => ({ ...each, related: [] })));
    const heavy = themeWith([top, `${top}<p data-filler={'x'.repeat(60_000)}>a</p>`]);
    expect(await findingsOf({ theme: heavy, stories })).toMatchObject([
      { check: 'spam', severity: 'hint', message: expect.stringContaining('of the HTML is text') },
    ]);
  });

  test('stories of very many servers are hinted at', async () => {
    const stories = wordyStories(40).map((each) => ({
      ...each,
      url: `https://paper${each.position}.example/`,
      pinned: true,
      slot: 'brief',
    }));
    const { context, edition } = await madeEdition({ stories });
    await context.db
      .updateTable('editions')
      .set({ policy: JSON.stringify({ slots: [{ name: 'brief', count: 40 }] }) })
      .where('id', '=', edition.id)
      .execute();
    const { compileAndStore } = await import('../../src/rendering/store.ts');
    const wide = await getEdition(context, edition.id);
    await compileAndStore(context, wide);
    expect(await checkEdition(context, wide, { links: false })).toMatchObject([
      { check: 'spam', severity: 'hint', message: expect.stringMatching(/link to 4\d different servers/) },
    ]);
  });
});

describe('contrast', () => {
  const ofTheme = async (markup: string, sheet = 'p { margin: 0 }') =>
    (await findingsOf({ theme: themeWith([top, `${top}${markup}`], ['p { margin: 0 }', sheet]) }))
      .filter(({ check }) => check === 'contrast')
      .map(({ message }) => message);

  test('large text may be paler', async () => {
    expect(await ofTheme(`<p style={{ color: '#888888', fontSize: '24px' }}>Large</p>`)).toEqual([]);
    expect(
      await ofTheme(`<p style={{ color: '#888888', fontSize: '19px', fontWeight: 700 }}>Bold</p>`),
    ).toEqual([]);
    expect(await ofTheme(`<p style={{ color: '#888888', fontSize: '19px' }}>Not bold</p>`)).toHaveLength(1);
  });

  test('goes by the cascade: importance, specificity, order, bgcolor, half-transparent colours', async () => {
    const pale = '.x { color: #dddddd } p.x { color: #222222 } .x { color: #cccccc }';
    expect(await ofTheme('<p className="x">Specific</p>', pale)).toEqual([]);
    expect(await ofTheme('<p className="x">Last</p>', '.x { color: #222 } .x { color: #ccc }')).toHaveLength(
      1,
    );
    expect(
      await ofTheme(
        `<p className="x" style={{ color: '#222222' }}>Important</p>`,
        '.x { color: #ccc !important }',
      ),
    ).toHaveLength(1);
    const cell = (bgcolor: string) =>
      `<div dangerouslySetInnerHTML={{ __html: '<table role="presentation"><tr><td bgcolor="${bgcolor}" style="color:#ffffff">White</td></tr></table>' }} />`;
    expect(await ofTheme(cell('#ffffee'))).toHaveLength(1);
    expect(await ofTheme(cell('#003366'))).toEqual([]);
    expect(await ofTheme(`<p style={{ color: 'rgba(0, 0, 0, 0.4)' }}>Pale black</p>`)).toHaveLength(1);
  });

  test('a link without a colour is the browser’s blue, which dark paper swallows', async () => {
    const dark =
      '@media (prefers-color-scheme: dark) { body, td { background: #000 !important; color: #fff !important } a { color: #fff !important }}';
    expect(await ofTheme('<a href="https://example.com/a">Blue</a>', dark)).toEqual([]);
    expect(
      await ofTheme(
        '<a href="https://example.com/a">Blue</a>',
        dark.replace('a { color: #fff !important }', ''),
      ),
    ).not.toEqual([]);
  });

  test.each([
    ['a', 1],
    ['.a', 100],
    ['#a', 10_000],
    ['td.a a:hover', 202],
    ['[data-x] .a', 200],
    ['table > td::before', 3],
  ])('the specificity of %s is %i', (selector, expected) => expect(specificityOf(selector)).toBe(expected));

  test.each([
    ['screen', true],
    ['print', false],
    ['(prefers-color-scheme: dark)', true],
    ['(prefers-color-scheme: light)', false],
    ['only screen and (max-width: 700px)', true],
    ['(max-width: 500px), (min-width: 600px)', true],
    ['(something: new)', false],
  ])('the query %s: %s', (query, expected) =>
    expect(mediaApplies(query, { dark: true, width: 640 })).toBe(expected),
  );

  test('colours are read as CSS writes them', () => {
    expect(parseColour('#abc')).toEqual({ red: 170, green: 187, blue: 204, alpha: 1 });
    expect(parseColour('rgb(1, 2, 3)')).toEqual({ red: 1, green: 2, blue: 3, alpha: 1 });
    expect(parseColour('rgba(1 2 3 / 50%)')).toEqual({ red: 1, green: 2, blue: 3, alpha: 0.5 });
    expect(parseColour('Transparent')?.alpha).toBe(0);
    expect(parseColour('currentcolor')).toBeUndefined();
  });
});

describe('a page that takes too long', () => {
  const page = { content: '<p>Hello</p>', language: 'en', spans: [] };

  test('is given up, and the next one is examined', async () => {
    const huge = { ...page, content: '<div>'.repeat(500) + '<p style="color:#999">x</p>'.repeat(30_000) };
    expect(
      await examinePages({ forms: [{ whole: huge, digest: huge, place: {} }] }, { timeoutMs: 300 }),
    ).toEqual({
      problem: 'they did not finish within 0.3 s',
    });
    const next = await examinePages({ forms: [{ whole: page, digest: page, place: {} }] });
    expect(next).toMatchObject({ visible: ['Hello'] });
  });
});

describe('the list of mail clients', () => {
  const known = new Map(rawData.data.map((feature) => [feature.slug, feature]));
  const document = readFileSync(join(packageRoot, 'docs/email-clients.md'), 'utf8');

  test('names only clients and features that the data knows', () => {
    for (const client of clients) expect(supportOf('css-width', client), client.id).not.toBe('unknown');
    for (const { feature, where = [] } of graceful) {
      expect(known.has(feature), feature).toBe(true);
      for (const id of where) expect(clients.map((client) => client.id)).toContain(id);
    }
  });

  test('is the same in the documentation', () => {
    for (const { name } of clients) expect(document).toContain(`| ${name} |`);
    for (const { feature, where, instead } of graceful) {
      const names = where?.map((id) => clients.find((client) => client.id === id)!.name).join(', ') ?? 'any';
      expect(document).toContain(
        `| ${known.get(feature)!.title.replace(/[<>]/g, '\\$&')} | ${names} | ${instead} |`,
      );
    }
    const rows = document.split('\n').filter((line) => /^\| (?!---)/.test(line)).length;
    expect(rows).toBe(clients.length + graceful.length + 2);
  });

  test('Gmail with another provider’s account does without style sheets', () => {
    const without = clients.filter(({ lacks }) => lacks);
    expect(without).toHaveLength(2);
    for (const client of without) expect(supportOf('html-style', client)).toBe('none');
  });
});

test('checks that the newsletter leaves out are not told', async () => {
  const theme = themeWith([story, `<p style={{ color: '#999999' }}>{story.dek}</p>`]);
  expect(errors(await findingsOf({ theme }))).toHaveLength(1);
  expect(await findingsOf({ theme, newsletter: { checks: { ignore: ['contrast'] } } })).toEqual([]);
});

test('an edition that was never rendered cannot be checked, and says so', async () => {
  const { context, edition } = await madeEdition();
  await context.db.deleteFrom('compiled_editions').execute();
  await expect(checkEdition(context, edition)).rejects.toThrow(
    `Edition ${edition.id} has not been rendered.`,
  );
});

test('what is wrong with every story is told once, and with few it is told of each', async () => {
  const theme = themeWith([image, '<img src={story.image.url} width="300" />']);
  const withImages = (count: number) =>
    wordyStories().map((each) => ({
      ...each,
      pinned: true,
      imageUrl: each.position < count ? 'https://img.example.com/a.png' : null,
    }));
  const messages = async (count: number) =>
    (await findingsOf({ theme, stories: withImages(count) })).map(({ where, message }) => [
      where.story?.number,
      message.replace(/^.*nothing\. ?/, ''),
    ]);
  expect(await messages(3)).toEqual([
    [1, ''],
    [2, ''],
    [3, ''],
  ]);
  expect(await messages(8)).toEqual([[1, 'So it is in 7 other places.']]);
});

describe('forms of an edition', () => {
  const counting = { tracking: { clicks: true, opens: true } };
  const notCounting = { tracking: { clicks: false, opens: false } };

  test('what is wrong on phones only is found, and says so', async () => {
    const theme = themeWith(
      ['p { margin: 0 }', 'p { margin: 0 } @media (max-width: 500px) { .dek { color: #999999 !important } }'],
      [story, '<p className="dek">{story.dek}</p>'],
    );
    expect(errors(await findingsOf({ theme }))).toMatchObject([
      {
        check: 'contrast',
        message: expect.stringContaining('In light mode, in a window of 360 px, text in #999999'),
      },
    ]);
  });

  test('what is wrong in both widths is told once', async () => {
    const theme = themeWith(
      ['p { margin: 0 }', 'p { margin: 0 } @media (max-width: 500px) { h1 { margin: 0 } }'],
      [story, `<p style={{ color: '#999999' }}>{story.dek}</p>`],
    );
    expect(errors(await findingsOf({ theme }))).toHaveLength(1);
  });

  test('what a theme spoils of counted links only is found, and says so', async () => {
    const theme = themeWith([
      'href={story.url}',
      "href={story.url.replace(/^https:.*\\/c\\/.*$/, 'c:nowhere')}",
    ]);
    expect(await findingsOf({ theme, newsletter: notCounting })).toEqual([]);
    const [first, ...others] = errors(await findingsOf({ theme, newsletter: counting }));
    expect(first).toMatchObject({ check: 'links', where: { part: 'html', counted: true } });
    expect(placeInWords(first!.where)).toMatch(/^HTML, with counted links, slot/);
    for (const each of others) expect(each.where.counted).toBe(true);
  });

  test('contrast is looked at again in a language that is built differently, and names it', async () => {
    const theme = themeWith([
      story,
      "<p style={{ color: direction === 'rtl' ? '#999999' : '#111111' }}>{story.dek}</p>",
    ]);
    const findings = errors(
      await findingsOf({ theme, newsletter: { languages: ['de', 'ar'], ...counting } }),
    );
    expect(findings).toMatchObject([{ check: 'contrast', where: { part: 'html', language: 'ar' } }]);
    expect(findings).toHaveLength(1);
  });

  test('the size is that of the largest form', async () => {
    // Each story has eighty links, which are longer when they are counted.
    const theme = themeWith([
      story,
      `<p>{story.dek}{Array.from({ length: 80 }, (_, at) => <a key={at} href={story.url} style={{ color: '#003399' }}>{'more '.repeat(8)}</a>)}</p>`,
    ]);
    const config = { publicUrl: `https://${'n'.repeat(60)}.${'e'.repeat(60)}.example.com` };
    const stories = wordyStories(30);
    const size = async (newsletter: object) =>
      (await findingsOf({ theme, stories, config, newsletter })).find(({ check }) => check === 'size');
    const plain = await size(notCounting);
    const counted = await size(counting);
    expect(plain).toBeUndefined();
    expect(counted).toMatchObject({ where: { part: 'html', counted: true } });
  });

  test('pages that differ in words and addresses only have one skeleton, others have not', async () => {
    const page = (more: string) =>
      `<html lang="en"><style>p > a { color: red }</style><!--[if mso]>${more}<![endif]--><p><a href="${more}" style="color:red">${more}</a></p></html>`;
    expect(skeleton(page('a'))).toBe(skeleton(page('https://example.com/b')));
    expect(skeleton(page('a'))).not.toBe(skeleton(page('a').replace('color: red', 'color: blue')));
    expect(skeleton(page('a'))).not.toBe(skeleton(page('a').replace('color:red', 'color:blue')));
    expect(skeleton(page('a'))).not.toBe(skeleton(page('a').replace('<p>', '<p dir="rtl">')));
    expect(skeleton(`${page('a')}<img src="x" width="1" height="1">`)).toBe(skeleton(page('a')));
  });
});
