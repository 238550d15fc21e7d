import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { packageRoot } from '../../src/package-root.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { startWorker } from '../../src/schedule/worker.ts';
import { relatedTo } from '../../src/selection/related-to.ts';
import { addStories } from '../../src/stories/add.ts';
import { findStory } from '../../src/stories/find-stories.ts';
import { startSite } from '../../src/web/site.ts';
import { launchBrowser } from '../support/browser.ts';
import { createTestContext } from '../support/context.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { seedStories } from '../support/stories.ts';

/** An article as a blog's text export, and headlines below it that belong to other stories. */
interface Sample {
  file: string;
  title: RegExp;
  lastSentence: string;
  leftovers: RegExp;
  similar: string;
  likeLeftovers: string;
}

const own: Sample = {
  file: join(import.meta.dirname, '../stories/fixtures/tidal-gate.txt'),
  title: /^Low Water, High Hopes/,
  lastSentence: 'and then somebody began to sing.',
  leftovers: /Popular posts from this blog|Lantern Race|Seven Soups|Night Ferry/,
  similar: 'Tidal gate of Marwick closes for the first time against a spring tide',
  likeLeftovers: 'Quennell wins the lantern race once more',
};

const real: Sample = {
  file: join(packageRoot, '../shared/stories/unbreakable-bonds.txt'),
  title: /^Unbreakable Bonds: Xi Tells Putin/,
  lastSentence: 'how unbreakable their bond truly is.',
  leftovers: /Popular posts from this blog|Kamala Harris|Lando Norris/,
  similar: 'Kremlin praises warm call as Xi tells Putin that China-Russia ties hold',
  likeLeftovers: 'Lando Norris takes pole position in the Formula 1 qualifying',
};

async function fromFileToInbox(sample: Sample): Promise<void> {
  const context = await createTestContext();
  const { ids } = await addStories(context, sample.file);
  const story = await findStory(context, ids[0] as number);
  expect(story.title).toMatch(sample.title);
  expect(story.body_text.endsWith(sample.lastSentence)).toBe(true);
  expect(story.body_text).not.toMatch(sample.leftovers);

  const others = await seedStories(context, [
    {
      title: sample.similar,
      publisher: 'Northern Ledger',
      bodyText: `${sample.similar}, officials said on Monday.`,
    },
    { title: sample.likeLeftovers, publisher: 'City Desk', bodyText: 'Another subject altogether.' },
    {
      title: 'Orange lynx photographed at Lake Ostrava',
      publisher: 'Nature Notes',
      bodyText: 'A lynx with an orange coat.',
    },
  ]);
  const related = await relatedTo(
    context,
    { ...story, bodyText: story.body_text, publishedAt: story.published_at, contentHash: story.content_hash },
    5,
  );
  expect(related[0]?.storyId).toBe(others[0]);
  expect(related.map((each) => each.storyId)).not.toContain(others[1]);

  const { listId } = await seedList(context, 1);
  const newsletter = await seedNewsletter(context, [listId], {
    mode: 'automatic',
    policy: { minimumStories: 1 },
  });
  context.clock.advance(60_000);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await produceEdition(context, edition.id);
  const chosen = (await storiesOf(context, edition.id)).find(
    (each) => sample.title.test(each.title) || each.storyId === ids[0],
  );
  expect(chosen).toBeDefined();

  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  const worker = await startWorker(context, {
    connection: context.database.connection,
    schedule: false,
    sweepSeconds: 1,
  });
  onTestFinished(async () => {
    await worker.stop();
    await site.close();
  });
  await worker.start(edition.id);
  while ((await getEdition(context, edition.id)).state !== 'sent') await sleep(50);

  const mail = await context.db.selectFrom('inbox_messages').selectAll().executeTakeFirstOrThrow();
  const parsed = await simpleParser(mail.raw);
  expect(String(parsed.text).replace(/\s+/g, ' ')).toContain(story.title);
  expect(String(parsed.text)).not.toContain('Popular posts from this blog');

  // As a person would: open the inbox, open the mail, and see the headline in it, whole, on a phone.
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  for (const width of [360, 640]) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    await page.goto(`${site.url}/inbox`);
    await page.locator('.mails a').first().click();
    const frame = page.frameLocator('iframe');
    await frame.getByRole('link', { name: story.title }).first().waitFor();
    const overflow = await frame.locator('body').evaluate((element) => {
      const body = element as unknown as { scrollWidth: number; clientWidth: number };
      return body.scrollWidth - body.clientWidth;
    });
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  }
}

test(
  'a text article goes from the file to the inbox, its page’s leftovers influence nothing',
  () => fromFileToInbox(own),
  90_000,
);

test.skipIf(!existsSync(real.file))(
  'a real article does the same (skipped where it does not lie beside the checkout)',
  () => fromFileToInbox(real),
  90_000,
);
