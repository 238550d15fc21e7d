import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { assembleMessage } from '../../src/rendering/assemble.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { editionContent, editionStory } from '../support/edition.ts';

// What people, feeds and attackers write.
const syntax = fc.constantFrom(
  '<b>bold</b>',
  '</style><script>alert(1)</script>',
  '{{ reader.email }}',
  '{% raw %}',
  '\u0024{title}',
  '</mj-text></mj-column>',
  '"><img src=x onerror=1>',
  "' style='x",
  '\uE000v:token\uE001',
  '\uE000/b\uE001\uE000/s\uE001',
  '\u202Eright to left',
  '\u0000\u0008',
  'half \uD83D',
  '=E2=80=99 =\r\n',
  '.\r\n.\r\nQUIT',
  '--=_broadsheet_7_1--',
  'Zeile\r\nBcc: eve@example.com',
  '日本語とעברית 🦊',
  'x'.repeat(400),
);
const text = fc
  .array(fc.oneof(syntax, fc.string({ unit: 'binary', maxLength: 20 }), fc.lorem({ maxCount: 4 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join(' '));

/** As it may be read again: no marks, no halves of characters, white space and control characters as one space. */
const read = (value: string) =>
  value
    .toWellFormed()
    .replace(/[\uE000-\uF8FF\u{F0000}-\u{10FFFF}]/gu, '')
    .replace(
      /[\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF\uFFFD]+/g,
      ' ',
    )
    .trim();

test.each(['broadsheet', 'magazine', 'briefing', 'list'])(
  '%s: whatever stories and readers hold, the message parses back to exactly that',
  async (theme) => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ title: text, dek: text, publisher: text, subject: text, name: text }),
        fc.webUrl({ withQueryParameters: true, withFragments: true }),
        async ({ title, dek, publisher, subject, name }, url) => {
          const story = editionStory(0, { title, dek, publisher, url, imageUrl: null, related: [] });
          const compiled = await compileEdition(editionContent({ theme, subject, stories: [story] }));
          const values = {
            greeting: `Hello ${name},`,
            email: 'ada+news@example.com',
            unsubscribeUrl: 'https://news.example.com/unsubscribe/1-2-abc',
            preferencesUrl: 'https://news.example.com/preferences/1-2-abc',
            viewUrl: 'https://news.example.com/view/1-2-abc',
            token: '1-2-abc',
          };
          const raw = Buffer.concat(
            assembleMessage(compiled, [[0], [], []], values, {
              to: 'ada+news@example.com',
              toName: name,
              messageId: '<1.2@news.example.com>',
              date: new Date('2026-11-24T07:00:03Z'),
            }),
          );
          const mail = await simpleParser(raw);
          expect(read(mail.subject ?? '')).toBe(read(subject));
          expect(mail.headers.has('bcc')).toBe(false);
          expect(mail.attachments).toEqual([]);
          const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
          expect(to?.value.map(({ address }) => address)).toEqual(['ada+news@example.com']);

          const { document } = parseHTML(String(mail.html));
          const shown = read(document.body.textContent ?? '');
          for (const each of [title, dek, publisher]) expect(shown).toContain(read(each));
          expect(document.querySelectorAll('script, img[onerror]')).toHaveLength(0);
          const links = [...document.querySelectorAll('a')].map((link) => link.getAttribute('href'));
          expect(links).toContain(new URL(url).href);
          expect(links.filter((link) => link?.includes('/unsubscribe/'))).toEqual([values.unsubscribeUrl]);

          const plain = read(mail.text ?? '');
          for (const each of [title, dek, `Hello ${name},`]) expect(plain).toContain(read(each));
          expect(plain).toContain('ada+news@example.com');
        },
      ),
      { numRuns: 40 },
    );
  },
  120_000,
);
