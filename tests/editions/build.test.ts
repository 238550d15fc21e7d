import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureEdition, findEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { createNewsletter, findNewsletter } from '../../src/editions/newsletters.ts';
import { loadCompiled } from '../../src/rendering/store.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

async function produced(context: TestContext, fields = {}) {
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], {
    policy: {
      slots: [
        { name: 'lead', count: 1 },
        { name: 'top', count: 3 },
      ],
    },
    ...fields,
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  return { newsletter, edition: await produceEdition(context, edition.id) };
}

test('an edition leads with what most publishers report, one story an event, each with its reason', async () => {
  const context = await createTestContext();
  const { edition } = await produced(context);
  const stories = await storiesOf(context, edition.id);
  expect(stories).toHaveLength(5);
  expect(stories[0]?.title).toContain('Storm Odile');
  expect(new Set(stories.map((story) => story.storylineId)).size).toBe(5);
  expect(stories.map((story) => story.slot)).toEqual(['lead', 'top', 'top', 'top', 'reserve']);
  expect(stories[0]?.reason.text).toBe('Reported by 5 publishers; newest report 2 hours old.');
  expect(stories[0]?.related.map((related) => related.kind)).toContain('coverage');
  expect(stories.every((story) => story.related.every((related) => related.reason.text.length > 0))).toBe(
    true,
  );
  expect(edition.subject).toBe(stories[0]?.title);
  expect(edition.state).toBe('review');
  expect(await loadCompiled(context, edition)).toBeDefined();
});

test('an automatic newsletter approves its edition by itself', async () => {
  const context = await createTestContext();
  const { edition } = await produced(context, { mode: 'automatic' });
  expect(edition.state).toBe('approved');
});

test('too few new stories: the edition is skipped, and says why', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents.slice(0, 5));
  const newsletter = await seedNewsletter(context, [], { policy: { minimumStories: 3 } });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  const built = await produceEdition(context, edition.id);
  expect(built.state).toBe('skipped');
  expect(built.state_reason).toBe('1 new story in the last 36 hours; the newsletter asks for 3');
});

test('the next edition does not tell the same again, and says what has moved on', async () => {
  const context = await createTestContext();
  const { newsletter, edition } = await produced(context, { mode: 'automatic' });
  const first = await storiesOf(context, edition.id);
  context.clock.advance(24 * 3_600_000);
  await seedStories(context, [
    {
      title: 'Storm Odile: water falls in Marlow Bay, clearing begins at the harbour',
      publisher: 'Harbour Post',
      bodyText: 'Hundreds return to their homes in Marlow Bay after storm Odile',
      hoursAgo: 3,
    },
    {
      title: 'Marlow Bay counts the damage of storm Odile at the harbour',
      publisher: 'Northern Ledger',
      bodyText: 'Storm Odile cost Marlow Bay its quay and many boats',
      hoursAgo: 2,
    },
    {
      title: 'Chess master of Pellworth wins the island cup',
      publisher: 'City Desk',
      bodyText: 'A chess master from Pellworth wins the cup',
      hoursAgo: 3,
    },
    {
      title: 'New bakery opens in Aldermoor with a stone oven',
      publisher: 'Valley Courier',
      bodyText: 'The stone oven of Aldermoor bakes rye bread',
      hoursAgo: 4,
    },
    {
      title: 'Glider pilot lands on a motorway near Brixholm',
      publisher: 'Quay Courier',
      bodyText: 'No one was hurt when the glider landed in Brixholm',
      hoursAgo: 5,
    },
  ]);
  const next = await ensureEdition(context, newsletter.id, context.clock.now());
  const built = await produceEdition(context, next.edition.id);
  expect(built.state).toBe('approved');
  const stories = await storiesOf(context, built.id);
  const titles = stories.map((story) => story.title);
  for (const old of first.filter((story) => story.slot !== 'reserve'))
    expect(titles).not.toContain(old.title);
  const storm = stories.find((story) => story.title.includes('Odile'));
  // For readers, the new thing in a publisher's own words, which is not the title above it.
  const fresh = [
    'Storm Odile: water falls in Marlow Bay, clearing begins at the harbour',
    'Marlow Bay counts the damage of storm Odile at the harbour',
  ];
  expect(fresh).toContain(storm?.developing);
  expect(storm?.developing).not.toBe(storm?.title);
  // For editors, where it came from.
  expect(storm?.reason.text).toMatch(
    /told before as "Storm Odile.*" and moved on since: 2 new reports from 2 publishers/,
  );
});

test('an edition exists once for a newsletter and a time, however many ask', async () => {
  const context = await createTestContext();
  const newsletter = await seedNewsletter(context, []);
  const results = await Promise.all(
    Array.from({ length: 5 }, () => ensureEdition(context, newsletter.id, context.clock.now())),
  );
  expect(results.filter((result) => result.created)).toHaveLength(1);
  expect(new Set(results.map((result) => result.edition.id)).size).toBe(1);
});

test('a theme that throws leaves a draft that names the template and line', async () => {
  const context = await createTestContext();
  const file = join(temporaryFolder('theme'), 'broken.tsx');
  writeFileSync(file, 'export default function Broken() {\n  throw new Error("no such colour");\n}\n');
  await expect(produced(context, { theme: file, mode: 'automatic' })).rejects.toThrow(
    /broken\.tsx, line 2: no such colour/,
  );
  const edition = await findEdition(context, 'harbour-post');
  expect(edition.state).toBe('draft');
  expect(edition.state_reason).toMatch(/broken\.tsx, line 2: no such colour/);
  await expect(move(context, edition.id, 'approve')).rejects.toThrow(
    /cannot be approved: it is still a draft/,
  );
});

test('an edition in review may be built again; a sent one may not', async () => {
  const context = await createTestContext();
  const { edition } = await produced(context);
  const again = await produceEdition(context, edition.id);
  expect(again.version).toBe(edition.version + 1);
  await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', edition.id).execute();
  await expect(produceEdition(context, edition.id)).rejects.toThrow(/is sent already/);
});

test('of two approvals at once one wins, and the other is told', async () => {
  const context = await createTestContext();
  const { edition } = await produced(context);
  const results = await Promise.allSettled([
    move(context, edition.id, 'approve'),
    move(context, edition.id, 'approve'),
  ]);
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect((await getEdition(context, edition.id)).approved_version).toBe(edition.version);
});

test('what was sent can be shown after its stories are gone', async () => {
  const context = await createTestContext();
  const { edition } = await produced(context);
  await context.db.deleteFrom('stories').execute();
  const stories = await storiesOf(context, edition.id);
  expect(stories[0]?.title).toContain('Storm Odile');
});

test('a broken subject pattern and a wrong policy are told in sentences', async () => {
  const context = await createTestContext();
  await expect(produced(context, { subject: '{{ lead.title' })).rejects.toThrow(
    /subject pattern .* is broken/,
  );
  const other = await createTestContext();
  await expect(produced(other, { policy: { candidates: 0, colour: 'red' } })).rejects.toThrow(
    /policy is wrong:\n {2}candidates: /,
  );
});

test('a newsletter is found by slug or id, and a missing one is told with those there are', async () => {
  const context = await createTestContext();
  const made = await seedNewsletter(context, []);
  expect((await findNewsletter(context, 'harbour-post')).id).toBe(made.id);
  expect((await findNewsletter(context, String(made.id))).slug).toBe('harbour-post');
  await expect(findNewsletter(context, 'gazette')).rejects.toThrow(/no newsletter "gazette"/);
  await expect(
    createNewsletter(context, {
      slug: 'harbour-post',
      name: 'x',
      fromAddress: 'a@b.example',
      cron: '0 7 * * *',
    }),
  ).rejects.toThrow(/already/);
});
