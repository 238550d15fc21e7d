import { expect, test } from 'vitest';
import { embedTexts } from '../../src/selection/embed.ts';
import { embedPending } from '../../src/selection/embeddings.ts';
import { loadCandidates } from '../../src/selection/library.ts';
import { assignStorylines } from '../../src/selection/storylines.ts';
import { cosine, type Vector } from '../../src/selection/vector.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { fiveEvents, type SeedStory, seedStories } from '../support/stories.ts';

const withoutWords = { terms: new Int32Array(), weights: new Float32Array() };
const vector = (embedding: Int8Array | null): Vector => ({ ...withoutWords, embedding });

function embeddingsOf(context: TestContext) {
  return context.db.selectFrom('stories').select(['id', 'embedding', 'embedded_at']).orderBy('id').execute();
}

test('texts that mean the same are nearer than texts that share words', async () => {
  const [one, same, other] = (
    await embedTexts([
      'Ferry between the islands cancelled because of the storm',
      'No boat service today due to heavy weather',
      'Ferry between the islands gets a new coat of paint',
    ])
  ).map(vector) as [Vector, Vector, Vector];
  expect(one.embedding).toHaveLength(512);
  const [weather, paint] = [cosine(one, same), cosine(other, same)];
  expect(weather).toBeGreaterThan(paint);
});

test('an odd text among others harms none of them', async () => {
  const odd = ['\u{1f600}\u{1f600}', '☃'.repeat(3_000), '中国央行宣布降息', '.', 'a'.repeat(5_000)];
  const found = await embedTexts(['Harbour bridge reopens', ...odd, 'Harbour bridge reopens']);
  expect(found).toHaveLength(7);
  expect(found[0]).toHaveLength(512);
  expect(cosine(vector(found[0] ?? null), vector(found[6] ?? null))).toBeCloseTo(
    cosine(vector(found[0] ?? null), vector(found[0] ?? null)),
    2,
  );
});

test('stories wait for their embedding, the newest first, and are usable meanwhile', async () => {
  const context = await createTestContext();
  const ids = await seedStories(context, fiveEvents);
  expect(await embedPending(context, { limit: 4 })).toEqual({ embedded: 4, without: 0 });
  const rows = await embeddingsOf(context);
  // Each event's first story is the newest: two hours old, the others older.
  expect(rows.filter(({ embedding }) => embedding).map(({ id }) => ids.indexOf(id))).toEqual([0, 5, 9, 12]);
  await assignStorylines({ ...context, config: { ...context.config, embeddings: false } });
  const { storylines } = await context.db
    .selectFrom('storylines')
    .select((e) => e.fn.countAll<number>().as('storylines'))
    .executeTakeFirstOrThrow();
  expect(Number(storylines)).toBe(5);
});

test('processes share the work, and no story is embedded twice', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents);
  const results = await Promise.all(Array.from({ length: 4 }, () => embedPending(context, { limit: 100 })));
  expect(results.reduce((sum, { embedded }) => sum + embedded, 0)).toBe(fiveEvents.length);
  expect((await embeddingsOf(context)).every(({ embedding }) => embedding?.length === 512)).toBe(true);
  expect(await embedPending(context, { limit: 100 })).toEqual({ embedded: 0, without: 0 });
});

test('what a process held when it died is taken up when its lease has ended', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents.slice(0, 2));
  await context.db
    .updateTable('stories')
    .set({ embed_lease_until: new Date(context.clock.now().getTime() + 60_000) })
    .execute();
  expect(await embedPending(context, { limit: 10 })).toEqual({ embedded: 0, without: 0 });
  context.clock.advance(61_000);
  expect(await embedPending(context, { limit: 10 })).toEqual({ embedded: 2, without: 0 });
});

test('a story in a language that the model does not know is dealt with once, without an embedding', async () => {
  const context = await createTestContext();
  await seedStories(context, [
    { title: 'Hafen von Marlow nach Sturm unter Wasser', publisher: 'Hafenpost', language: 'de' },
    { ...(fiveEvents[0] as SeedStory), language: 'en-GB' },
  ]);
  expect(await embedPending(context, { limit: 10 })).toEqual({ embedded: 1, without: 1 });
  expect((await embeddingsOf(context)).map(({ embedding }) => embedding?.length ?? null)).toEqual([
    null,
    512,
  ]);
  expect(await embedPending(context, { limit: 10 })).toEqual({ embedded: 0, without: 0 });
});

test('a story that says something else waits again', async () => {
  const context = await createTestContext();
  const url = 'https://a.example.com/1';
  await takeIn(context, [{ url, title: 'Harbour bridge reopens', language: 'en' }]);
  await embedPending(context, { limit: 10 });
  const [before] = await embeddingsOf(context);
  await takeIn(context, [{ url, title: 'Orchestra elects its youngest conductor', language: 'en' }]);
  const [waiting] = await embeddingsOf(context);
  expect(waiting?.embedded_at).toBeNull();
  await embedPending(context, { limit: 10 });
  const [after] = await embeddingsOf(context);
  expect(after?.embedding?.equals(before?.embedding as Buffer)).toBe(false);
});

test('with EMBEDDINGS=off nothing is embedded, and stories find their storylines', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, fiveEvents);
  expect((await assignStorylines(context)).started).toBe(5);
  expect((await embeddingsOf(context)).every(({ embedding }) => embedding === null)).toBe(true);
});

test('selection reads embeddings as they were written', async () => {
  const context = await createTestContext();
  const [id] = await seedStories(context, [fiveEvents[0] as SeedStory]);
  await embedPending(context, { limit: 1 });
  const now = context.clock.now().getTime();
  const [candidate] = await loadCandidates(context, { from: 0, until: now, limit: 10 });
  const [expected] = await embedTexts([`${fiveEvents[0]?.title}. ${fiveEvents[0]?.bodyText}`]);
  expect(candidate?.id).toBe(id);
  expect([...(candidate?.embedding ?? [])]).toEqual([...(expected ?? [])]);
});
