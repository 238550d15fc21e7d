import { expect, onTestFinished } from 'vitest';
import { openNewsstand } from '../../demo/newsstand.ts';
import { readers } from '../../demo/readers.ts';
import { ensureEdition } from '../../src/editions/editions.ts';
import { createNewsletter } from '../../src/editions/newsletters.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { addSource, fetchDueSources } from '../../src/stories/sources.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import type { TestContext } from '../support/context.ts';

/** The demo's county: its ten publishers fetched, its readers subscribed, and tonight's edition laid out for approval. */
export async function layOut(context: TestContext): Promise<number> {
  const stand = await openNewsstand(context.clock.now());
  onTestFinished(stand.close);
  for (const { publisher, url } of stand.feeds)
    await addSource(context, url, { kind: 'feed', name: publisher, publisher });
  const outcomes = await fetchDueSources(context);
  expect(outcomes.filter(({ error }) => error)).toEqual([]);
  const list = await createList(context, { name: 'Readers of Wendmark', slug: 'readers' });
  for (const { email, name, topics } of readers)
    await subscribe(context, { email, list: list.id, name, topics, via: 'test', confirmed: true });
  const newsletter = await createNewsletter(context, {
    slug: 'evening',
    name: 'Wendmark Evening',
    fromAddress: 'evening@wendmark.example.com',
    theme: 'magazine',
    cron: '0 18 * * *',
    mode: 'approval',
    listIds: [list.id],
    policy: {
      candidates: 12,
      slots: [
        { name: 'lead', count: 1 },
        { name: 'top', count: 3 },
        { name: 'brief', count: 4 },
      ],
    },
  });
  const soon = new Date(context.clock.now().getTime() + 2 * 3_600_000);
  const { edition } = await ensureEdition(context, newsletter.id, soon);
  expect(await produceEdition(context, edition.id)).toMatchObject({ state: 'review' });
  return edition.id;
}
