import { expect, test } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { seedDraft } from '../support/revising.ts';
import { inProcess } from './in-process.ts';

test('an edition is changed, its history shown, and changes taken back and done again', async () => {
  const context = await createTestContext();
  const id = String(await seedDraft(context, { stories: [editionStory(0), editionStory(1)] }));
  const run = (...args: string[]) => inProcess(context.environment, 'editions', ...args);
  const changed = await run(
    'edit',
    id,
    '--subject',
    'The bridge hums again',
    '--change',
    '{"kind":"move","story":"s2","to":{"slot":"lead","at":0}}',
    '{"kind":"add-note","text":"Good *morning*","place":{"at":"top"}}',
    '--json',
  );
  expect(changed).toMatchObject({ code: 0, err: '' });
  const shown = JSON.parse(changed.out);
  expect(shown).toMatchObject({ version: 4, subject: 'The bridge hums again' });
  expect(shown.stories[0]).toMatchObject({ key: 's2', slot: 'lead' });

  const history = JSON.parse((await run('history', id, '--json')).out);
  expect(history).toMatchObject({ undo: 4, redo: null });
  expect(history.versions.map(({ summary }: { summary: string }) => summary)).toEqual([
    'Added a note at the top.',
    'Moved "Story number 1": was 2nd, is 1st, in lead.',
    'Changed the subject to "The bridge hums again".',
  ]);
  expect((await run('undo', id)).out).toContain('Took back a change: Added a note at the top.');
  expect(JSON.parse((await run('redo', id, '--json')).out)).toMatchObject({ version: 6 });
  const wrong = await run('edit', id, '--change', '{"kind":"drop"}', '--json').catch((error) => error);
  expect(String(wrong.message ?? wrong.err)).toContain('story');
});
