import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { approveEdition } from '../../src/schedule/approve-edition.ts';
import { settle } from '../../src/schedule/settle.ts';
import { createTestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';
import { changed, seedDraft } from '../support/revising.ts';

const few = [editionStory(0), editionStory(1)];

test('what was changed is rendered and checked before it is approved, however many ask at once', async () => {
  const context = await createTestContext();
  const id = await seedDraft(context, { stories: few });
  await changed(context, id, { kind: 'edit', story: 's2', title: 'FREE MONEY!!! Click now!!!' });
  const asked = [settle(context, id), settle(context, id)];
  await changed(context, id, {
    kind: 'lines',
    subject:
      'A subject that is far too long for any phone on which it might be read, and goes on and on and on',
  });
  asked.push(settle(context, id));
  const results = await Promise.all(asked);
  expect(results.at(-1)).toMatchObject({ version: 3, problem: undefined });
  const rows = await context.db.selectFrom('compiled_editions').select('version').execute();
  expect(new Set(rows.map(({ version }) => version))).toEqual(new Set([3]));
  const { findings, edition } = results.at(-1) as (typeof results)[number];
  expect(findings.find(({ where }) => where.part === 'subject')).toBeDefined();
  expect(edition.checked_version).toBe(3);
  const approved = await approveEdition(context, edition, () => {}, { anyway: true });
  expect(approved.edition.state).toBe('approved');
  // A change takes the approval back, and what was approved is not what would go out.
  await changed(context, id, { kind: 'drop', story: 's2' });
  const back = await getEdition(context, id);
  expect(back.state).toBe('review');
  await expect(move(context, id, 'approve', null, back.version)).rejects.toMatchObject({ code: 'state' });
});

test('a template that fails makes the edition a draft that says so; mended, it is up for review again', async () => {
  const context = await createTestContext();
  const file = join(temporaryFolder(), 'own.mjml');
  writeFileSync(file, '<mjml><mj-body>{{ nothing | no_filter }}</mj-body></mjml>');
  const id = await seedDraft(context, { theme: file, stories: few });
  const failed = await settle(context, id);
  expect(failed.problem).toContain('own.mjml');
  expect(failed.edition).toMatchObject({ state: 'draft', state_reason: failed.problem });
  await context.db.updateTable('editions').set({ theme: 'list' }).where('id', '=', id).execute();
  expect((await settle(context, id)).edition).toMatchObject({ state: 'review', state_reason: null });
});
