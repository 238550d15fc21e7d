import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { buildEdition } from '../../src/editions/build.ts';
import { editEdition } from '../../src/editions/edit.ts';
import { type Edition, ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { move, noteOnDraft } from '../../src/editions/lifecycle.ts';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { checkEdition } from '../../src/rendering/checks/check-edition.ts';
import { compileAndStore, loadCompiled } from '../../src/rendering/store.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { sampleValues } from '../support/edition.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

async function draft(context: TestContext, fields = {}): Promise<number> {
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], { brand: { footer: 'Quay Lane 1' }, ...fields });
  return (await ensureEdition(context, newsletter.id, context.clock.now())).edition.id;
}

const versions = async (context: TestContext, editionId: number) =>
  (
    await context.db
      .selectFrom('compiled_editions')
      .select('version')
      .distinct()
      .where('edition_id', '=', editionId)
      .execute()
  ).map(({ version }) => version);

/** The edition is one thing: its stories, what was rendered and what was approved are of one version. */
async function expectWhole(context: TestContext, edition: Edition): Promise<void> {
  expect(await versions(context, edition.id)).toEqual([edition.version]);
  const forms = await loadCompiled(context, edition);
  const compiled = forms?.for({ language: null, untracked: true });
  const html = compiled
    ? assembleHtml(
        compiled,
        compiled.slots.map(({ positions }) => positions),
        sampleValues,
      )
    : '';
  for (const { title } of await storiesOf(context, edition.id))
    expect(html).toContain(title.replaceAll("'", '&#x27;'));
}

test('several processes that make an edition at once make one that is whole', async () => {
  const context = await createTestContext();
  const id = await draft(context, { mode: 'automatic' });
  const made = await Promise.all([1, 2, 3].map(() => produceEdition(context, id)));
  const edition = await getEdition(context, id);
  expect(edition).toMatchObject({ state: 'approved', state_reason: null, approved_version: edition.version });
  expect(made.some(({ state }) => state === 'approved')).toBe(true);
  await expectWhole(context, edition);
});

test('a process that renders an older version stores nothing of it', async () => {
  const context = await createTestContext();
  const id = await draft(context);
  const { edition: older } = await buildEdition(context, id);
  const { edition: newer } = await buildEdition(context, id);
  await expect(compileAndStore(context, older)).rejects.toMatchObject({ code: 'state' });
  expect(await versions(context, id)).toEqual([]);
  await compileAndStore(context, newer);
  // Nor does it leave a language behind that the newer one has not.
  await context.db
    .updateTable('newsletters')
    .set({ languages: ['de'] })
    .execute();
  await expect(compileAndStore(context, older)).rejects.toThrow('was changed while it was rendered');
  expect(await versions(context, id)).toEqual([newer.version]);
});

test('what an editor approves while the edition is checked stands, and the process that made it goes along', async () => {
  const context = await createTestContext();
  const id = await draft(context);
  const first = await produceEdition(context, id);
  expect(first.state).toBe('review');
  const again = produceEdition(context, id);
  while (!(await versions(context, id)).includes(first.version + 1)) await sleep(10);
  const approved = await move(context, id, 'approve', null, first.version + 1);
  expect(await again).toMatchObject({ state: 'approved', version: approved.version });
  const after = await getEdition(context, id);
  expect(after).toMatchObject({ state: 'approved', approved_version: after.version, state_reason: null });
  await expectWhole(context, after);
});

test('a process whose template failed puts no newer version back to a draft', async () => {
  const context = await createTestContext();
  const id = await draft(context);
  const { edition: older } = await buildEdition(context, id);
  await noteOnDraft(context, older, 'the template failed');
  expect(await getEdition(context, id)).toMatchObject({
    state: 'draft',
    state_reason: 'the template failed',
  });
  await produceEdition(context, id);
  await noteOnDraft(context, older, 'the template failed');
  expect(await getEdition(context, id)).toMatchObject({ state: 'review', state_reason: null });
});

test('an edition that was edited after it was rendered is neither approved nor checked before it is rendered anew', async () => {
  const context = await createTestContext();
  const id = await draft(context);
  const made = await produceEdition(context, id);
  const edited = await editEdition(context, id, { subject: 'Quay under water' });
  expect(edited.version).toBe(made.version + 1);
  await expect(move(context, id, 'approve')).rejects.toThrow('has been changed since it was rendered');
  await expect(checkEdition(context, edited)).rejects.toThrow('has been changed since it was rendered');
  // What an editor looked at is not what there is now.
  await compileAndStore(context, edited);
  await expect(move(context, id, 'approve', null, made.version)).rejects.toMatchObject({ code: 'state' });
  expect((await getEdition(context, id)).state).toBe('review');

  expect(await move(context, id, 'approve')).toMatchObject({ approved_version: edited.version });
  const forms = await loadCompiled(context, edited);
  expect(forms?.for({ language: null, untracked: true }).subjects[0]).toContain('Quay under water');
  // What is changed now was not approved.
  await editEdition(context, id, { subject: 'On second thoughts' });
  expect(await getEdition(context, id)).toMatchObject({
    state: 'review',
    state_reason: 'changed after approval by Broadsheet',
  });
});

test('an edition that was never rendered is not approved', async () => {
  const context = await createTestContext();
  const id = await draft(context);
  await buildEdition(context, id);
  await move(context, id, 'review');
  await expect(move(context, id, 'approve')).rejects.toMatchObject({ code: 'state' });
  expect((await getEdition(context, id)).state).toBe('review');
});
