import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { ensureEdition, getEdition } from '../../../src/editions/editions.ts';
import { builtAhead } from '../../../src/editions/lifecycle.ts';
import { draftsToBuild } from '../../../src/schedule/fire.ts';
import { produceEdition } from '../../../src/schedule/produce.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { fiveEvents, seedStories } from '../../support/stories.ts';
import { startDesk } from './desk-site.ts';

const piece = { 'hx-request': 'true' };

test('what is built ahead of its time waits, names who asked, and goes out at its time', async () => {
  const site = await startDesk({ newsletter: { mode: 'automatic', policy: { minimumStories: 2 } } });
  const { context, as } = site;
  await seedStories(context, fiveEvents);
  const { text } = await as.editor.get('/desk');
  expect(text).toContain('At its time its stories are chosen again, unless you change it.');
  const fields = { newsletter: String(site.newsletter.id), at: '2026-11-25T07:00:00.000Z' };
  const to = (await as.editor.post('/desk/today/build', fields)).to ?? '';
  const id = Number(to.split('/').at(-1));
  await expect
    .poll(() => getEdition(context, id), { timeout: 15_000 })
    .toMatchObject({ state: 'review', state_reason: builtAhead });
  expect((await as.editor.get(to)).text).toContain('Built ahead: at its time its stories are chosen again');
  const act = await context.db
    .selectFrom('audit_log')
    .selectAll()
    .where('edition_id', '=', id)
    .executeTakeFirst();
  expect(act).toMatchObject({ act: 'edition.build', user_id: site.editor.id });
});

test('a skipped edition is built when an editor asks for it all the same', async () => {
  const { context, as, newsletter } = await startDesk({ newsletter: { policy: { minimumStories: 50 } } });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await produceEdition(context, edition.id);
  await seedStories(context, fiveEvents);
  const at = `/desk/editions/${edition.id}`;
  const before = await as.editor.get(at);
  expect(before.text).toContain('Build anyway');
  expect(before.text).not.toContain('chosen shortly before it is due');
  expect((await as.viewer.get(at)).text).not.toContain('Build anyway');
  expect((await as.viewer.post(`${at}/build`, {})).status).toBe(403);
  expect((await as.editor.post(`${at}/build`, {})).status).toBe(303);
  await expect
    .poll(async () => (await getEdition(context, edition.id)).state, { timeout: 15_000 })
    .toBe('review');
  expect((await as.editor.post(`${at}/build`, {})).status).toBe(409);
});

test('choosing again takes nothing away that its page did not show, and never skips', async () => {
  const { context, as, editionId } = await startDesk({ newsletter: { policy: { minimumStories: 50 } } });
  const at = `/desk/editions/${editionId}`;
  const base = String((await getEdition(context, editionId)).version);
  await as.editor.post(`${at}/change`, { act: 'lines', subject: 'From Ed', base }, piece);
  await seedStories(context, fiveEvents);
  const now = async () => {
    const { state, subject, version } = await getEdition(context, editionId);
    return { state, subject, version };
  };
  const was = await now();
  const again = await as.admin.post(`${at}/choose-again`, { base: String(was.version) });
  expect(again.status).toBe(422);
  expect(again.text).toContain('the newsletter asks for 50');
  expect(await now()).toEqual(was);

  await context.db.updateTable('newsletters').set({ policy: '{"minimumStories":1}' }).execute();
  const lost = await as.admin.post(`${at}/choose-again`, { base });
  expect(lost.status).toBe(409);
  expect(lost.html).toContain(`action="${at}/choose-again"`);
  // The page asks for it as for all else: based on what it shows by then.
  expect((await as.admin.get(at)).html).toContain(`hx-post="${at}/choose-again"`);
  expect(await now()).toEqual(was);
  expect((await as.admin.post(`${at}/choose-again`, { base: String(was.version) })).status).toBe(303);
  expect((await now()).version).toBe(was.version + 1);
});

test('a change says on which version it was made', async () => {
  const { context, as, editionId } = await startDesk();
  const at = `/desk/editions/${editionId}`;
  const { version, subject } = await getEdition(context, editionId);
  for (const [base, status] of [
    [undefined, 422],
    ['-1', 422],
    [String(version + 5), 409],
  ] as const) {
    const fields = { act: 'lines', subject: 'Mine', ...(base !== undefined && { base }) };
    const answer = await as.editor.post(`${at}/change`, fields, piece);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/load .*again/i);
  }
  expect((await getEdition(context, editionId)).subject).toBe(subject);
});

test('what was written about a story that is gone is shown, and only what can be done is offered', async () => {
  const { context, as, editionId } = await startDesk({ newsletter: { policy: { minimumStories: 1 } } });
  const at = `/desk/editions/${editionId}`;
  const version = async () => String((await getEdition(context, editionId)).version);
  const base = await version();
  const mine = { act: 'edit', story: 's1', dek: 'My dek', base };
  await as.admin.post(`${at}/change`, { act: 'drop', story: 's1', base }, piece);
  const dropped = await as.editor.post(`${at}/change`, mine, piece);
  expect(dropped.status).toBe(409);
  expect(dropped.html).toContain('data-take-theirs');
  // To keep it where it is no more is not offered; to bring the story back with it is.
  expect(dropped.html).not.toContain('data-keep-mine="same"');
  expect(dropped.html).toContain('data-keep-mine="else"');
  expect(dropped.text).toContain('Bring it back with my words');

  // Chosen again, the edition has other stories, and none that was dropped.
  await seedStories(context, fiveEvents);
  await context.db.deleteFrom('stories').where('id', '=', 1).execute();
  expect((await as.admin.post(`${at}/choose-again`, { base: await version() })).status).toBe(303);
  const gone = await as.editor.post(`${at}/change`, mine, piece);
  expect(gone.status).toBe(409);
  expect(gone.text).toContain('My dek');
  expect(gone.html).toContain('data-take-theirs');
  expect(gone.html).not.toContain('data-keep-mine');
});

test('an editor of one newsletter leaves storylines alone, and learns nothing of other editions', async () => {
  const site = await startDesk();
  const { context, as, editionId, newsletter } = site;
  const at = `/desk/editions/${editionId}`;
  const only = (newsletterId: number, email: string) =>
    createUser(context, { email, newsletters: [{ newsletterId, role: 'editor' as const }] });
  const ed = await site.loggedIn(await only(newsletter.id, 'one@example.com'));
  const base = String((await getEdition(context, editionId)).version);
  for (const act of ['merge:s2', 'split:2'])
    expect((await ed.post(`${at}/change`, { act, story: 's1', base }, piece)).status).toBe(403);
  expect((await ed.get(at)).html).not.toContain('/merge"');
  expect((await as.editor.get(at)).html).toContain('/merge"');

  const other = await seedNewsletter(context, [], { slug: 'other' });
  const nobody = await site.loggedIn(await only(other.id, 'guest@example.com'));
  for (const path of [at, `${at}/history`, `${at}/find?q=x`])
    expect((await nobody.get(path)).status, path).toBe(404);
});

test('what has its stories and is still being laid out and checked says so, and cannot be changed yet', async () => {
  const { context, as, editionId } = await startDesk({ state: 'draft' });
  const at = `/desk/editions/${editionId}`;
  const set = (values: { built_at: Date; state_reason?: string }) =>
    context.db.updateTable('editions').set(values).where('id', '=', editionId).execute();
  const looked = async () => {
    const { html, text, headers } = await as.editor.get(at);
    return {
      says: text.includes('are being laid out and checked'),
      changes: html.includes('data-can-edit="yes"'),
      looksAgain: headers.get('refresh'),
    };
  };
  await set({ built_at: context.clock.now() });
  expect(await looked()).toEqual({ says: true, changes: false, looksAgain: '3' });
  const { version } = await getEdition(context, editionId);
  const change = { act: 'lines', subject: 'Too early', base: String(version) };
  expect((await as.editor.post(`${at}/change`, change)).text).toContain('is being laid out and checked');
  expect((await getEdition(context, editionId)).version).toBe(version);
  // Whoever made it was cut off: it is made again at its time, and is not closed until then.
  await set({ built_at: new Date(context.clock.now().getTime() - 3 * 60_000) });
  expect(await looked()).toEqual({ says: false, changes: true, looksAgain: null });
  await set({ built_at: context.clock.now(), state_reason: 'the theme is broken' });
  expect(await looked()).toMatchObject({ says: false, changes: true });
});

test('a draft that is chosen again waits for approval, and is not built once more by itself', async () => {
  const { context, as, editionId } = await startDesk({
    state: 'draft',
    newsletter: { mode: 'automatic', policy: { minimumStories: 1 } },
  });
  await seedStories(context, fiveEvents);
  const at = `/desk/editions/${editionId}`;
  await context.db
    .updateTable('editions')
    .set({ state_reason: 'The theme is broken.', built_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  const base = String((await getEdition(context, editionId)).version);
  expect((await as.editor.post(`${at}/choose-again`, { base })).status).toBe(303);
  expect(await getEdition(context, editionId)).toMatchObject({ state: 'review', state_reason: null });
  context.clock.advance(2 * 3_600_000);
  expect(await draftsToBuild(context)).toEqual([]);
});
