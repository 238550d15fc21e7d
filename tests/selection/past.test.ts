import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { Corpus } from '../../src/selection/corpus.ts';
import { PastStories } from '../../src/selection/past.ts';
import { createTestContext } from '../support/context.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

const hour = 3_600_000;

test('at each instant the past holds what was published and seen by then, and no more than a month of it', async () => {
  const context = await createTestContext();
  const now = context.clock.now().getTime();
  const ids = await seedStories(
    context,
    ['Ferry aground', 'Orchestra elects', 'Clock exact', 'Lynx photographed'].map((title, at) => ({
      title,
      publisher: 'Harbour Post',
      hoursAgo: [29 * 24, 10, 5, 1][at] as number,
    })),
  );
  const [old, early, lateSeen, latest] = ids as [number, number, number, number];
  await sql`update stories set first_seen_at = published_at`.execute(context.db);
  await sql`update stories set first_seen_at = ${new Date(now - 2 * hour)} where id = ${lateSeen}`.execute(
    context.db,
  );

  const past = new PastStories();
  const heldAt = async (at: number) => {
    await past.moveTo(context, at, 36);
    for (const id of past.stories.keys()) expect(past.corpus.has(id)).toBe(true);
    expect(past.corpus.size).toBe(past.stories.size);
    return [...past.stories.keys()].sort((a, b) => a - b);
  };
  expect(await heldAt(now - 4 * hour)).toEqual([old, early]);
  expect(await heldAt(now - 2 * hour)).toEqual([old, early, lateSeen]);
  expect(await heldAt(now)).toEqual([old, early, lateSeen, latest]);
  expect(await heldAt(now + 30 * hour)).toEqual([early, lateSeen, latest]);
  await expect(past.moveTo(context, now, 36)).rejects.toThrow(RangeError);
});

test('gone through step by step, stories are as alike as if they had been looked at all at once', async () => {
  const context = await createTestContext();
  const now = context.clock.now().getTime();
  await seedStories(context, fiveEvents);
  await sql`update stories set first_seen_at = published_at`.execute(context.db);
  const past = new PastStories();
  for (const hours of [6, 5, 4, 3, 2, 1, 0]) await past.moveTo(context, now - hours * hour, 36);
  const corpus = new Corpus();
  for (const story of past.stories.values()) corpus.add(story);
  for (const { id } of past.stories.values()) {
    const nearest = (of: Corpus) =>
      of.neighbours(of.vector(id), { minimum: 0.2, limit: 3 }).map(({ id: near }) => near);
    expect(nearest(past.corpus).sort()).toEqual(nearest(corpus).sort());
  }
});
