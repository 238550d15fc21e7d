import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../src/config.ts';
import type { EditionStory } from '../../src/editions/content.ts';
import { type Edition, getEdition } from '../../src/editions/editions.ts';
import type { NewsletterFields } from '../../src/editions/newsletters.ts';
import { type CheckOptions, checkEdition } from '../../src/rendering/checks/check-edition.ts';
import type { Finding } from '../../src/rendering/checks/finding.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedNewsletter } from '../support/seed.ts';

const folder = temporaryFolder('checks');
let themes = 0;

/** A small theme in which nothing is wrong. */
const goodTheme = `
import { Fragment } from 'react';
export default function Theme({ language, direction, newsletter, edition, sections, reader, words, brand }) {
  return (
    <html lang={language} dir={direction}>
      <head>
        <meta httpEquiv="Content-Type" content="text/html; charset=utf-8" />
        <title>{edition.subject}</title>
        <style>{\`p { margin: 0 }\`}</style>
      </head>
      <body style={{ backgroundColor: '#ffffff', color: '#111111' }}>
        <table role="presentation" width="600"><tbody><tr><td>
          <h1>{newsletter.name}</h1>
          <p>{reader.greeting}</p>
          {sections.map((section) => (
            <Fragment key={section.slot}>
              {section.open}
              <h2>{section.title}</h2>
              {section.stories.map((story) => (
                <Fragment key={story.open}>
                  {story.open}
                  <h3><a href={story.url} style={{ color: '#003399' }}>{story.title}</a></h3>
                  {story.image && <img src={story.image.url} alt={story.image.alt} width="300" />}
                  <p>{story.dek}</p>
                  {story.close}
                </Fragment>
              ))}
              {section.close}
            </Fragment>
          ))}
          <p>{reader.why} {brand.footer}</p>
          <p><a href={reader.unsubscribeUrl} style={{ color: '#003399' }}>{words.unsubscribe}</a></p>
        </td></tr></tbody></table>
      </body>
    </html>
  );
}
`;

/** Writes a theme to a folder of its own, as somebody's. @returns its path */
export function themeWith(...changes: [from: string, to: string][]): string {
  let source = goodTheme;
  for (const [from, to] of changes) {
    if (!source.includes(from)) throw new Error(`the theme has no ${from}`);
    source = source.replace(from, () => to);
  }
  const file = join(folder, `theme-${++themes}.tsx`);
  writeFileSync(file, source);
  return file;
}

/** What an edition for checking is made of; what is left out is as it should be. */
export interface Made {
  theme?: string;
  stories?: EditionStory[];
  newsletter?: Partial<NewsletterFields>;
  edition?: { subject?: string; preheader?: string; language?: string };
  config?: Partial<Config>;
}

/** Stories with enough words that no filter would mind. */
export function wordyStories(count = 8): EditionStory[] {
  return Array.from({ length: count }, (_, position) =>
    editionStory(position, {
      dek: `What story ${position} is about: the harbour master counted the boats twice before he believed the number, and wrote it down.`,
    }),
  );
}

/** A real edition, rendered and kept. */
export async function madeEdition({
  theme = themeWith(),
  stories = wordyStories(),
  newsletter = {},
  edition = {},
  config = {},
}: Made = {}): Promise<{ context: TestContext; edition: Edition }> {
  const context = await createTestContext({ publicUrl: 'https://news.harbour.example.com', ...config });
  const { id: newsletterId } = await seedNewsletter(context, [], {
    brand: { footer: 'Harbour Post, Quay Lane 1, 12345 Harbour' },
    ...newsletter,
  });
  const id = await seedEdition(context, newsletterId, stories);
  await context.db
    .updateTable('editions')
    .set({ theme, ...edition })
    .where('id', '=', id)
    .execute();
  await compileAndStore(context, await getEdition(context, id));
  return { context, edition: await getEdition(context, id) };
}

/** What the checks find in an edition; links are not followed unless asked for. */
export async function findingsOf(made: Made = {}, options: CheckOptions = {}): Promise<Finding[]> {
  const { context, edition } = await madeEdition(made);
  return checkEdition(context, edition, { links: false, ...options });
}
