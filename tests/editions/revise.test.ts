import { expect, test } from 'vitest';
import { getEdition, storiesOf } from '../../src/editions/editions.ts';
import { historyOf } from '../../src/editions/revise/history.ts';
import { redo, revise, undo } from '../../src/editions/revise/revise.ts';
import { createTestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { ada, ben, changed, seedDraft, shownOf } from '../support/revising.ts';

test('stories are moved, pinned, dropped, brought back and replaced, each with who did it and where it was', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const first = { lead: 's1', top: 's2 s3 s4', brief: 's5 s6', reserve: 's7 s8' };
  const is = async (shown: Record<string, string>) => expect(await shownOf(context, id)).toEqual(shown);
  // What nobody has touched yet stands as the seed has it.
  await is(first);

  await changed(context, id, { kind: 'move', story: 's4', to: { slot: 'lead', at: 0 } });
  await is({ lead: 's4', top: 's1 s2 s3', brief: 's5 s6', reserve: 's7 s8' });
  const [lead] = await storiesOf(context, id);
  expect(lead?.reason.text).toBe('Moved here by Ada; was 4th. Reported by 3 publishers.');
  expect(lead?.reason.parts).toEqual({ coverage: 1 });

  // Down within what the page shows: after s3, with what follows moved up.
  await changed(context, id, { kind: 'move', story: 's4', to: { slot: 'top', at: 3 } });
  await is({ lead: 's1', top: 's2 s3 s4', brief: 's5 s6', reserve: 's7 s8' });
  await changed(context, id, { kind: 'move', story: 's8', to: { slot: 'top', at: 3 } });
  await is({ lead: 's1', top: 's2 s3 s8', brief: 's4 s5', reserve: 's6 s7' });
  await changed(context, id, { kind: 'move', story: 's1', to: { slot: 'reserve', at: 9 } });
  await is({ lead: 's2', top: 's3 s8 s4', brief: 's5 s6', reserve: 's7 s1' });

  await changed(context, id, { kind: 'pin', story: 's7', to: { slot: 'top', at: 0 } });
  await is({ lead: 's2', top: 's7! s3 s8', brief: 's4 s5', reserve: 's6 s1' });
  await changed(context, id, { kind: 'pin', story: 's2' });
  await is({ lead: 's2!', top: 's7! s3 s8', brief: 's4 s5', reserve: 's6 s1' });
  await expect(
    changed(context, id, { kind: 'move', story: 's3', to: { slot: 'lead', at: 0 } }),
  ).rejects.toThrow('All places of "lead" are held by pinned stories.');
  await changed(context, id, { kind: 'replace', story: 's7', by: 's1' });
  await is({ lead: 's2!', top: 's1! s3 s8', brief: 's4 s5', reserve: 's6 s7' });
  await changed(context, id, { kind: 'unpin', story: 's1' });
  await is({ lead: 's2!', top: 's1 s3 s8', brief: 's4 s5', reserve: 's6 s7' });

  await changed(context, id, { kind: 'drop', story: 's3' });
  await is({ lead: 's2!', top: 's1 s8 s4', brief: 's5 s6', reserve: 's7' });
  expect((await getEdition(context, id)).dropped).toMatchObject([
    { key: 's3', reason: { text: 'Dropped by Ada; was 3rd. Reported by 3 publishers.' } },
  ]);
  await changed(context, id, { kind: 'bring-back', story: 's3', to: { slot: 'brief', at: 1 } });
  await is({ lead: 's2!', top: 's1 s8 s4', brief: 's5 s3', reserve: 's6 s7' });
  expect((await getEdition(context, id)).dropped).toEqual([]);

  const { versions } = await historyOf(context, id);
  expect(versions.map(({ summary }) => summary).slice(0, 3)).toEqual([
    'Brought "Story number 2" back, 6th.',
    'Dropped "Story number 2", 3rd.',
    'Unpinned "Story number 0" in top.',
  ]);
  for (const _ of versions)
    await undo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ben });
  await is(first);
  expect((await storiesOf(context, id))[0]?.reason).toEqual({
    text: 'Reported by 3 publishers.',
    parts: { coverage: 1 },
  });
  for (const _ of versions)
    await redo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ben });
  await is({ lead: 's2!', top: 's1 s8 s4', brief: 's5 s3', reserve: 's6 s7' });
  const { versions: after } = await historyOf(context, id);
  expect(after[0]?.summary).toBe('Did again a change of Ada: Brought "Story number 2" back, 6th.');
});

test('what cannot stand somewhere is told, and nothing is changed', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context, {
    stories: [editionStory(0), editionStory(1), editionStory(2)],
    slots: [
      { name: 'lead', count: 1 },
      { name: 'shore', count: 1, topic: 'land' },
      { name: 'top', count: 3 },
    ],
  });
  const wrong = (change: Parameters<typeof changed>[2]) => expect(changed(context, id, change)).rejects;
  await wrong({ kind: 'move', story: 's3', to: { slot: 'shore', at: 0 } }).toThrow(
    'takes stories about land only',
  );
  await wrong({ kind: 'move', story: 's1', to: { slot: 'reserve', at: 0 } }).toThrow(
    'There are more places than stories',
  );
  await wrong({ kind: 'move', story: 's1', to: { slot: 'sport', at: 0 } }).toThrow(
    'no place for stories named "sport"',
  );
  await wrong({ kind: 'move', story: 's9', to: { slot: 'top', at: 0 } }).toThrow('no story or note "s9"');
  await wrong({ kind: 'lines', subject: ' \u0007 ' }).toThrow('subject is not empty');
  await wrong({ kind: 'lines', preheader: 'x'.repeat(251) }).toThrow('at most 250');
  await wrong({ kind: 'edit', story: 's1', imageUrl: 'javascript:alert(1)' }).toThrow('is a web address');
  await wrong({ kind: 'edit', story: 's1', crop: { x: 0.5, y: 0, width: 0.6, height: 1 } }).toThrow(
    'over the edge',
  );
  await wrong({ kind: 'slots', counts: { top: 51 } }).toThrow();
  await changed(context, id, { kind: 'pin', story: 's3', to: { slot: 'shore', at: 0 } });
  expect(await shownOf(context, id)).toEqual({ lead: 's1', shore: 's3!', top: 's2' });
  await changed(context, id, { kind: 'drop', story: 's1' });
  await changed(context, id, { kind: 'drop', story: 's2' });
  await wrong({ kind: 'drop', story: 's3' }).toThrow('the last story');
  expect((await getEdition(context, id)).version).toBe(4);
});

test('two editors: different things both go in, the same thing is a conflict that shows both', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const at = (base: number, change: Parameters<typeof changed>[2], user = ada) =>
    revise(context, { editionId: id, base, user, change });
  await at(1, { kind: 'lines', subject: 'Ada’s subject' });
  await at(1, { kind: 'edit', story: 's1', title: 'Ben’s headline' }, ben);
  await at(1, { kind: 'lines', preheader: 'Ben’s preheader' }, ben);
  await at(1, { kind: 'move', story: 's5', to: { slot: 'lead', at: 0 } });
  const edition = await getEdition(context, id);
  expect([edition.subject, edition.preheader, edition.version]).toEqual([
    'Ada’s subject',
    'Ben’s preheader',
    5,
  ]);
  await expect(at(1, { kind: 'lines', subject: 'Ben’s subject' }, ben)).rejects.toMatchObject({
    code: 'conflict',
    details: {
      by: 'Ada',
      at: context.clock.now().toISOString(),
      version: 5,
      what: 'subject',
      theirs: 'Ada’s subject',
      yours: 'Ben’s subject',
    },
  });
  await expect(at(1, { kind: 'edit', story: 's1', title: 'Ada’s headline' })).rejects.toMatchObject({
    code: 'conflict',
    details: { by: 'Ben', what: 'story:s1:title', theirs: 'Ben’s headline', yours: 'Ada’s headline' },
  });
  await expect(at(4, { kind: 'drop', story: 's2' }, ben)).rejects.toMatchObject({
    code: 'conflict',
    details: { by: 'Ada', what: 'order', theirs: 'Moved "Story number 4": was 5th, is 1st, in lead.' },
  });
  await at(5, { kind: 'drop', story: 's2' }, ben);
  await expect(at(5, { kind: 'edit', story: 's2', dek: 'Too late' })).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(undo(context, { editionId: id, base: 5, user: ada })).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(at(99, { kind: 'lines', subject: 'From the future' })).rejects.toMatchObject({
    code: 'state',
  });

  // At the same moment: one after the other, and nothing is lost.
  const both = await Promise.all([
    at(6, { kind: 'edit', story: 's3', title: 'One' }),
    at(6, { kind: 'edit', story: 's4', title: 'Two' }, ben),
    at(6, { kind: 'lines', subject: 'Three' }, ben),
  ]);
  expect(both.map(({ version }) => version).sort()).toEqual([7, 8, 9]);
  const same = await Promise.allSettled([
    at(9, { kind: 'lines', subject: 'Four' }),
    at(9, { kind: 'lines', subject: 'Five' }, ben),
  ]);
  expect(same.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('an edition that was approved waits for approval again, and says who changed it; one on its way is not changed', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context, { state: 'approved' });
  const { fellBack } = await changed(context, id, { kind: 'lines', subject: 'A better one' });
  expect(fellBack).toBe(true);
  expect(await getEdition(context, id)).toMatchObject({
    state: 'review',
    state_reason: 'changed after approval by Ada',
    approved_at: null,
    approved_version: null,
  });
  for (const state of ['sending', 'sent', 'paused', 'cancelled', 'skipped']) {
    await context.db.updateTable('editions').set({ state }).where('id', '=', id).execute();
    await expect(changed(context, id, { kind: 'drop', story: 's1' })).rejects.toMatchObject({
      code: 'state',
    });
  }
});

test('a story is edited for one edition, and goes back to what it said', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  await changed(context, id, {
    kind: 'edit',
    story: 's1',
    title: 'A new\u0000 headline\u202E',
    dek: '  Told\nanew ',
    crop: { x: 0.1, y: 0, width: 0.5, height: 1 },
  });
  const story = async () => (await storiesOf(context, id))[0];
  expect(await story()).toMatchObject({
    title: 'A new headline',
    dek: 'Told anew',
    crop: { x: 0.1, y: 0, width: 0.5, height: 1 },
    original: { title: 'Story number 0', dek: 'What story 0 is about, in a sentence.' },
  });
  await changed(context, id, { kind: 'edit', story: 's1', imageUrl: 'https://img.example.com/other.png' });
  expect(await story()).not.toHaveProperty('crop');
  await changed(context, id, { kind: 'restore', story: 's1', fields: ['title'] });
  expect(await story()).toMatchObject({ title: 'Story number 0', dek: 'Told anew' });
  await changed(context, id, { kind: 'restore', story: 's1' });
  expect(await story()).toEqual(
    expect.objectContaining({
      dek: 'What story 0 is about, in a sentence.',
      imageUrl: 'https://img.example.com/lead.png',
    }),
  );
  expect(await story()).not.toHaveProperty('original');
});

test('notes stand at the top, after a slot, at the end and beneath a story; slots take more or fewer', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context);
  const note = (text: string, place: object) =>
    changed(context, id, { kind: 'add-note', text, place: place as never });
  await note('Good *morning*', { at: 'top' });
  await note('Second', { at: 'top' });
  await note('After top', { after: 'top' });
  await note('Bye', { at: 'end' });
  await note('Beneath', { story: 's2' });
  const slots = async () =>
    (await getEdition(context, id)).policy as unknown as { slots: { name: string; count: number }[] };
  expect((await slots()).slots.map(({ name, count }) => `${name} ${count}`)).toEqual([
    'note 2',
    'lead 1',
    'top 3',
    'note-2 1',
    'brief 2',
    'note-3 1',
  ]);
  const stories = await storiesOf(context, id);
  const notes = stories.filter(({ kind }) => kind === 'note');
  expect(notes.map(({ slot, note: words }) => [slot, words?.text])).toEqual([
    ['note', 'Good *morning*'],
    ['note', 'Second'],
    ['note-2', 'After top'],
    ['note-3', 'Bye'],
  ]);
  expect(notes[0]?.reason.text).toBe('A note by Ada.');
  expect(stories.find(({ key }) => key === 's2')?.note).toEqual({ title: '', text: 'Beneath' });
  await expect(note('Again', { story: 's2' })).rejects.toThrow('a note beneath "Story number 1" already');
  const keys = notes.map(({ key }) => key as string);
  await changed(context, id, {
    kind: 'edit-note',
    story: keys[2] as string,
    title: 'T',
    text: 'Moved',
    place: { at: 'end' },
  });
  await changed(context, id, { kind: 'remove-note', story: 's2' });
  await changed(context, id, { kind: 'slots', counts: { top: 1, brief: 5 } });
  expect(await shownOf(context, id)).toEqual({
    note: `${keys[0]} ${keys[1]}`,
    lead: 's1',
    top: 's2',
    brief: 's3 s4 s5 s6 s7',
    'note-3': `${keys[3]} ${keys[2]}`,
    reserve: 's8',
  });
  expect((await slots()).slots.map(({ name }) => name)).toEqual(['note', 'lead', 'top', 'brief', 'note-3']);
  await expect(changed(context, id, { kind: 'drop', story: keys[0] as string })).rejects.toThrow(
    'not a story',
  );
});
