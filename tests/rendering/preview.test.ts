import { expect, test } from 'vitest';
import { previewOf, sampleReaders } from '../../src/delivery/preview.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { createTestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { changed, seedDraft } from '../support/revising.ts';
import { seedList } from '../support/seed.ts';

test('an edition is shown as it is now, to anybody, to a subscriber, and to somebody with wishes', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 3);
  const id = await seedDraft(context, {
    stories: [
      ...Array.from({ length: 8 }, (_, position) => editionStory(position)),
      editionStory(8, {
        title: 'From last week',
        score: 2,
        topics: ['land'],
        from: {
          editionId: 1,
          scheduledFor: new Date(context.clock.now().getTime() - 3 * 86_400_000).toISOString(),
        },
      }),
    ],
  });
  await context.db
    .insertInto('newsletter_lists')
    .columns(['newsletter_id', 'list_id'])
    .expression((e) => e.selectFrom('newsletters').select(['id', e.val(listId).as('list_id')]))
    .execute();
  await context.db
    .updateTable('subscriptions')
    .set({ frequency: 'weekly', muted_topics: ['sea'] })
    .where('subscriber_id', '=', subscriberIds[2] as number)
    .execute();
  const shown = async (reader: Parameters<typeof previewOf>[2]['reader'], more = {}) =>
    previewOf(context, await getEdition(context, id), { reader, ...more });

  const first = await shown('anybody');
  expect(first.html).toContain('Story number 0');
  expect(first.text).toContain('Story number 0');
  expect(first.source).toMatch(/^To: reader@example\.com\r\n/);
  expect(first.source).toContain('Subject: The old lighthouse is lit again\r\n');
  expect(first.placements.map(({ slot, key }) => `${slot} ${key}`).slice(0, 2)).toEqual([
    'lead s1',
    'top s2',
  ]);

  await changed(context, id, { kind: 'lines', subject: 'Lit again' });
  await changed(context, id, { kind: 'edit', story: 's1', title: 'A headline <b>of ours</b>' });
  const second = await shown('anybody');
  expect(second.version).toBe(3);
  expect(second.html).toContain('A headline &lt;b&gt;of ours&lt;/b&gt;');
  expect(second.source).toContain('Subject: Lit again\r\n');
  await expect(shown('anybody', { version: 2 })).rejects.toMatchObject({ code: 'conflict' });
  expect((await shown('anybody', { language: 'de' })).html).toContain('lang="de"');
  // Nothing was stored.
  expect(await context.db.selectFrom('compiled_editions').selectAll().execute()).toEqual([]);

  const weekly = await shown({ subscriberId: subscriberIds[2] as number });
  expect(weekly.html).toContain('From last week');
  expect(weekly.html).not.toContain('Story number 2');
  expect(weekly.source).toMatch(/^To: reader3@example\.com\r\n/);
  // Nobody is unsubscribed by what others look at.
  expect(weekly.source).toContain('/unsubscribe/0-');
  expect(weekly.source).not.toContain(`/unsubscribe/${subscriberIds[2]}-`);

  const samples = await sampleReaders(context, (await getEdition(context, id)).newsletter_id);
  expect(samples.map(({ who, readers, share }) => [who, readers, Math.round(share * 100)])).toEqual([
    ['get every edition, and wish nothing else', 2, 67],
    ['get it weekly, and mute sea', 1, 33],
  ]);
  const sampled = await shown(samples[1]?.reader as never);
  expect(sampled.placements.map(({ key }) => key)).toEqual(weekly.placements.map(({ key }) => key));
  expect(sampled.placements.find(({ key }) => key === 's9')?.because[0]).toMatch(
    /^from the edition of .*, which they did not get$/,
  );
  expect(
    (await shown({ ...(samples[1]?.reader as never as object), mutedTopics: ['sea', 'land'] } as never))
      .isEmpty,
  ).toBe(true);
  await expect(shown({ subscriberId: 999_999 })).rejects.toMatchObject({ code: 'not-found' });
});

test('images are shown as they are kept or from where they lie, or not at all', async () => {
  const context = await createTestContext({ images: 'keep' });
  const id = await seedDraft(context, {
    stories: [
      editionStory(0),
      editionStory(1, { imageUrl: 'https://img.example.com/second.png', imageAlt: 'A quay' }),
    ],
    theme: 'magazine',
  });
  await context.db
    .insertInto('images')
    .values({ id: 'known.jpg', mime: 'image/jpeg', width: 600, height: 400, bytes: Buffer.from('x') })
    .execute();
  await context.db
    .insertInto('image_fetches')
    .values({
      url: 'https://img.example.com/lead.png',
      width: 600,
      image_id: 'known.jpg',
      fetched_at: context.clock.now(),
    })
    .execute();
  const edition = await getEdition(context, id);
  const { html } = await previewOf(context, edition, { reader: 'anybody' });
  expect(html).toContain(`src="${context.config.publicUrl}/i/known.jpg"`);
  expect(html).toContain('src="https://img.example.com/second.png"');
  const off = await previewOf(context, edition, { reader: 'anybody', images: false });
  expect(off.html).not.toMatch(/<img[^>]*\ssrc=/);
  expect(off.html).toContain('alt="A quay"');
});

test('a changed edition of sixty candidates is shown within a moment', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context, {
    stories: Array.from({ length: 60 }, (_, position) => editionStory(position)),
  });
  await previewOf(context, await getEdition(context, id), { reader: 'anybody' });
  const took: number[] = [];
  for (let round = 0; round < 5; round++) {
    await changed(context, id, { kind: 'lines', subject: `Round ${round}` });
    const began = performance.now();
    await previewOf(context, await getEdition(context, id), { reader: 'anybody' });
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  // 30 ms on a quiet machine; a busy one needs more.
  expect(took[0]).toBeLessThan(150);
});
