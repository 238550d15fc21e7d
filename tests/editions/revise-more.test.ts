import { expect, test } from 'vitest';
import { getEdition } from '../../src/editions/editions.ts';
import { forgetOldVersions, historyOf, stepsOf } from '../../src/editions/revise/history.ts';
import { gone, seen, whoElse } from '../../src/editions/revise/presence.ts';
import { undo } from '../../src/editions/revise/revise.ts';
import { createTestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { ada, ben, changed, seedDraft } from '../support/revising.ts';

test('editors see who else is at an edition, and at what, until half a minute after they are gone', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const at = (session: string, user: typeof ada, field: string | null = null) =>
    seen(context, { editionId: id, session, userId: user.id, userName: user.name, field });
  await at('a1', ada, 'subject');
  await at('a2', ada);
  await at('b1', ben, 'story:s1:title');
  const others = async (session: string) =>
    (await whoElse(context, { editionId: id, session })).map(({ userName, field }) => `${userName} ${field}`);
  expect(await others('a1')).toEqual(['Ada null', 'Ben story:s1:title']);
  context.clock.advance(20_000);
  await at('a1', ada, 'preheader');
  expect(await others('b1')).toEqual(['Ada preheader']);
  context.clock.advance(11_000);
  expect(await others('a1')).toEqual([]);
  expect(await others('b1')).toEqual(['Ada preheader']);
  await gone(context, { editionId: id, session: 'a1' });
  expect(await others('b1')).toEqual([]);
  // An edition that is not there is no fault of who looks.
  await seen(context, { editionId: 999, session: 'x', userId: 1, userName: 'Ada', field: null });
});

test('two hundred versions are kept, and none of editions that were sent long ago', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const row = (version: number) => ({
    edition_id: id,
    version,
    user_name: 'Ada',
    at: context.clock.now(),
    kind: 'lines',
    summary: 'Changed the subject.',
    change: '{}',
    touched: ['subject'],
    before: JSON.stringify({ subject: `Subject ${version - 1}` }),
    after: JSON.stringify({ subject: `Subject ${version}` }),
  });
  await context.db
    .insertInto('edition_versions')
    .values(Array.from({ length: 205 }, (_, at) => row(at + 2)))
    .execute();
  await context.db.updateTable('editions').set({ version: 206 }).where('id', '=', id).execute();
  await changed(context, id, { kind: 'lines', subject: 'The last' });
  const { versions } = await historyOf(context, id);
  expect([versions.length, versions.at(-1)?.version]).toEqual([200, 8]);
  expect(await forgetOldVersions(context)).toBe(0);
  await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', id).execute();
  expect(await forgetOldVersions(context)).toBe(0);
  context.clock.advance(91 * 86_400_000);
  expect(await forgetOldVersions(context)).toBe(200);
});

test('behind a version that is not written down nothing is taken back', async () => {
  const row = (version: number, more = {}) => ({ version, undid: null, redid: null, ...more });
  expect(stepsOf([row(2), row(3)], 3)).toEqual({ undo: 3, redo: undefined });
  expect(stepsOf([row(2), row(3)], 4)).toEqual({ undo: undefined, redo: undefined });
  expect(stepsOf([row(2), row(4), row(5, { undid: 4 })], 5)).toEqual({ undo: undefined, redo: 4 });
  expect(
    stepsOf([row(2), row(3), row(4, { undid: 3 }), row(5, { undid: 2 }), row(6, { redid: 2 })], 6),
  ).toEqual({
    undo: 2,
    redo: 3,
  });
  // A new change ends what could be done again.
  expect(stepsOf([row(2), row(3, { undid: 2 }), row(4)], 4)).toEqual({ undo: 4, redo: undefined });
  const context = await createTestContext();
  const id = await seedDraft(context);
  await expect(undo(context, { editionId: id, base: 1, user: ada })).rejects.toThrow('nothing to take back');
});

test('a change of an edition of sixty candidates takes a moment', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context, {
    stories: Array.from({ length: 60 }, (_, position) =>
      editionStory(position, {
        related: Array.from({ length: 3 }, () => editionStory(0).related[0] as never),
      }),
    ),
  });
  const took: number[] = [];
  for (let round = 0; round < 12; round++) {
    const began = performance.now();
    await changed(context, id, { kind: 'move', story: `s${40 + round}`, to: { slot: 'lead', at: 0 } });
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  if (process.env.SHOW_TIMES) console.info('change ms', took.map(Math.round));
  expect(took[0]).toBeLessThan(100);
  const { rows } = await import('kysely').then(({ sql }) =>
    sql<{ bytes: number }>`select avg(pg_column_size(v.*))::integer as bytes from edition_versions v`.execute(
      context.db,
    ),
  );
  if (process.env.SHOW_TIMES) console.info('bytes a version', rows[0]?.bytes);
  expect((await getEdition(context, id)).version).toBe(13);
});
