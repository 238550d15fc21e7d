import fc from 'fast-check';
import { expect, test } from 'vitest';
import { getEdition, storiesOf } from '../../src/editions/editions.ts';
import type { EditionChangeInput } from '../../src/editions/revise/change.ts';
import { historyOf } from '../../src/editions/revise/history.ts';
import { redo, revise, undo } from '../../src/editions/revise/revise.ts';
import { UserError } from '../../src/errors.ts';
import { parsePolicy } from '../../src/selection/policy.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { ada, ben, seedDraft } from '../support/revising.ts';

const story = fc.integer({ min: 1, max: 9 }).map((number) => `s${number}`);
const slot = fc.constantFrom('lead', 'shore', 'top', 'reserve', 'note');
const to = fc.record({ slot, at: fc.nat(6) });
const notePlace = fc.oneof(
  fc.record({ at: fc.constantFrom('top' as const, 'end' as const) }),
  fc.record({ after: slot }),
  fc.record({ story }),
);

const change: fc.Arbitrary<EditionChangeInput> = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), story, to }),
  fc.record({ kind: fc.constant('pin' as const), story, to }),
  fc.record({ kind: fc.constant('pin' as const), story }),
  fc.record({ kind: fc.constant('unpin' as const), story }),
  fc.record({ kind: fc.constant('drop' as const), story }),
  fc.record({ kind: fc.constant('bring-back' as const), story, to }),
  fc.record({ kind: fc.constant('bring-back' as const), story }),
  fc.record({ kind: fc.constant('replace' as const), story, by: story }),
  fc.record({
    kind: fc.constant('lines' as const),
    subject: fc.string({ maxLength: 20 }),
    tried: fc.array(fc.constantFrom('One', 'Two')),
  }),
  fc.record({
    kind: fc.constant('edit' as const),
    story,
    title: fc.string({ maxLength: 20 }),
    imageUrl: fc.constantFrom(null, 'https://img.example.com/x.png'),
  }),
  fc.record({ kind: fc.constant('restore' as const), story }),
  fc.record({ kind: fc.constant('add-note' as const), text: fc.string({ maxLength: 20 }), place: notePlace }),
  fc.record({
    kind: fc.constant('edit-note' as const),
    story,
    text: fc.string({ maxLength: 20 }),
    place: notePlace,
  }),
  fc.record({ kind: fc.constant('remove-note' as const), story }),
  fc.record({
    kind: fc.constant('slots' as const),
    counts: fc.record({ top: fc.integer({ min: 1, max: 5 }) }),
  }),
);

const step = fc.record({
  who: fc.constantFrom(ada, ben),
  // How many versions behind the editor's page is.
  behind: fc.constantFrom(0, 0, 0, 1, 2),
  does: fc.oneof(
    { weight: 6, arbitrary: change },
    { weight: 2, arbitrary: fc.constant('undo' as const) },
    { weight: 1, arbitrary: fc.constant('redo' as const) },
  ),
});

/** All of an edition that changes may touch. */
async function contentNow(context: TestContext, id: number) {
  const { subject, preheader, policy, dropped } = await getEdition(context, id);
  const subjects = await context.db
    .selectFrom('edition_subjects')
    .select(['number', 'subject'])
    .orderBy('number')
    .execute();
  return { subject, preheader, policy, dropped, subjects, stories: await storiesOf(context, id) };
}

const keysOf = (stories: { key?: string; kind?: string }[]) =>
  stories.filter(({ kind }) => kind !== 'note').map(({ key }) => key);

async function mustBeValid(context: TestContext, id: number): Promise<void> {
  const { stories, policy, dropped } = await contentNow(context, id);
  const { slots } = parsePolicy(policy);
  expect(stories.map(({ position }) => position)).toEqual([...stories.keys()]);
  const keys = stories.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  // Nothing is lost that was not dropped, and nothing is in two places.
  const all = [...keysOf(stories), ...keysOf(dropped as never)];
  expect([...all].sort()).toEqual(Array.from({ length: 9 }, (_, at) => `s${at + 1}`));
  for (const { name, count } of slots) {
    const there = stories.filter((each) => each.slot === name);
    expect(there.length).toBeLessThanOrEqual(count);
    for (const each of there) expect(each.kind === 'note').toBe(/^note/.test(name));
  }
  for (const each of stories) {
    expect([...slots.map(({ name }) => name), 'reserve']).toContain(each.slot);
    if (each.pinned) expect(each.slot).not.toBe('reserve');
    expect(each.reason.text).not.toBe('');
  }
  expect(keysOf(stories.filter(({ from }) => !from)).length).toBeGreaterThan(0);
}

test('whatever two editors do, the edition stays whole, and undoing it all gives the first content back', async () => {
  const context = await createTestContext();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      await context.db.deleteFrom('newsletters').execute();
      const id = await seedDraft(context, {
        stories: Array.from({ length: 9 }, (_, position) =>
          editionStory(
            position,
            position === 8 ? { from: { editionId: 1, scheduledFor: '2026-11-20T07:00:00.000Z' } } : {},
          ),
        ),
        slots: [
          { name: 'lead', count: 1 },
          { name: 'shore', count: 1, topic: 'land' },
          { name: 'top', count: 3 },
        ],
      });
      const first = await contentNow(context, id);
      for (const { who, behind, does } of steps) {
        const before = await contentNow(context, id);
        const { version } = await getEdition(context, id);
        const base = Math.max(1, version - behind);
        const asked = { editionId: id, base, user: who };
        try {
          if (does === 'undo') await undo(context, asked);
          else if (does === 'redo') await redo(context, asked);
          else await revise(context, { ...asked, change: does });
          expect((await getEdition(context, id)).version).toBe(version + 1);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(['conflict', 'usage', 'place', 'not-found', 'state']).toContain(error.code);
          expect(await contentNow(context, id)).toEqual(before);
        }
        await mustBeValid(context, id);
      }
      const last = await contentNow(context, id);
      let undone = 0;
      while ((await historyOf(context, id)).undo) {
        await undo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ben });
        undone++;
      }
      // What was not touched since has a key that follows from its story.
      expect(await contentNow(context, id)).toEqual(first);
      for (let again = 0; again < undone; again++)
        await redo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ada });
      expect(await contentNow(context, id)).toEqual(last);
    }),
    { numRuns: 12 },
  );
});
