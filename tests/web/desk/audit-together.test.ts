import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { createNewsletter } from '../../../src/editions/newsletters.ts';
import { addSource } from '../../../src/stories/sources.ts';
import type { TestContext } from '../../support/context.ts';
import { fiveEvents, seedStories } from '../../support/stories.ts';
import { startDesk } from './desk-site.ts';

/** From now on the audit log takes nothing. */
const breakLog = ({ db }: TestContext) =>
  sql`create function no_line() returns trigger language plpgsql as $$ begin raise exception 'the log is full'; end $$;
      create trigger no_line before insert on audit_log for each row execute function no_line()`
    .execute(db)
    .then(() => undefined);

const mendLog = ({ db }: TestContext) =>
  sql`drop trigger no_line on audit_log; drop function no_line()`.execute(db).then(() => undefined);

/** All that acts may change, as text. */
async function everything({ db }: TestContext): Promise<string> {
  const tables = [
    'editions',
    'edition_stories',
    'edition_versions',
    'newsletters',
    'policies',
    'seed_addresses',
    'sources',
    'users',
    'user_roles',
    'user_recovery_codes',
  ];
  const rows = await Promise.all(
    tables.map((table) => sql`select * from ${sql.table(table)} order by 1, 2`.execute(db)),
  );
  const sessions = await sql`select id, revoked_at from user_sessions order by id`.execute(db);
  return JSON.stringify([...rows, sessions].map((each) => each.rows));
}

test('what is done at the desk is done with its line in the audit log, or not at all', async () => {
  const { context, editionId, as, acts, newsletter } = await startDesk();
  const at = `/desk/editions/${editionId}`;
  const { admin, editor } = as;
  const source = await addSource(context, 'https://quay.example.com/feed', { kind: 'feed', name: 'Quay' });
  const other = await createNewsletter(context, {
    slug: 'weekly',
    name: 'Weekly',
    fromAddress: 'weekly@example.com',
    cron: '0 7 * * 1',
  });
  const bo = await createUser(context, { email: 'bo@example.com', role: 'viewer' });
  const slug = (
    await context.db
      .selectFrom('newsletters')
      .select('slug')
      .where('id', '=', newsletter.id)
      .executeTakeFirstOrThrow()
  ).slug;
  const base = async () => String((await getEdition(context, editionId)).version);
  const key = (await storiesOf(context, editionId))[1]?.key ?? '';

  const all: [string, (base: string) => ReturnType<typeof admin.post>][] = [
    ['edition.change', (v) => editor.post(`${at}/change`, { act: 'pin', story: key, base: v })],
    ['edition.change', (v) => editor.post(`${at}/undo`, { base: v })],
    ['edition.change', (v) => editor.post(`${at}/redo`, { base: v })],
    ['newsletter.seeds', () => editor.post(`${at}/seeds`, { seeds: 'seed@example.com' })],
    ['newsletter.undo-time', () => admin.post(`${at}/undo-time`, { seconds: '45' })],
    [
      'newsletter.edit',
      () =>
        admin.post(`/desk/newsletters/${slug}/identity`, { name: 'Renamed', fromAddress: 'new@example.com' }),
    ],
    ['newsletter.pause', () => admin.post('/desk/newsletters/weekly/pause')],
    ['newsletter.resume', () => admin.post('/desk/newsletters/weekly/resume')],
    ['newsletter.remove', () => admin.post('/desk/newsletters/weekly/remove', { confirm: other.slug })],
    ['source.pause', () => admin.post(`/desk/sources/${source.id}/pause`)],
    ['source.resume', () => admin.post(`/desk/sources/${source.id}/resume`)],
    ['source.edit', () => admin.post(`/desk/sources/${source.id}`, { name: 'Quay Courier', weight: '2' })],
    ['source.remove', () => admin.post(`/desk/sources/${source.id}/remove`)],
    ['user.create', () => admin.post('/desk/users', { email: 'new@example.com', role: 'viewer' })],
    ['user.edit', () => admin.post(`/desk/users/${bo.id}`, { name: 'Bo', role: 'editor' })],
    ['user.disable', () => admin.post(`/desk/users/${bo.id}/close`)],
    ['user.enable', () => admin.post(`/desk/users/${bo.id}/open`)],
    ['user.drop-password', () => admin.post(`/desk/users/${bo.id}/drop-password`)],
    ['user.remove', () => admin.post(`/desk/users/${bo.id}/remove`)],
    ['account.edit', () => editor.post('/desk/account', { name: 'Ed', locale: 'de' })],
    ['logout', () => editor.post('/desk/logout')],
  ];
  for (const [act, doIt] of all) {
    const before = await everything(context);
    const noted = (await acts()).length;
    await breakLog(context);
    const failed = await doIt(await base());
    expect(failed.status, `${act} without a log`).toBe(500);
    expect(await everything(context), `${act} without a log`).toBe(before);
    await mendLog(context);
    const done = await doIt(await base());
    expect(done.status, `${act}: ${done.text.slice(-300)}`).toBe(303);
    expect(
      (await acts()).slice(noted).map((each) => each.act),
      act,
    ).toEqual([act]);
    // A password that is not there is taken away without a trace.
    if (act !== 'user.drop-password') expect(await everything(context), act).not.toBe(before);
  }
});

test('choosing again is noted with it, or not done', async () => {
  const { context, editionId, as, acts } = await startDesk({ settings: { embeddings: false } });
  await seedStories(context, fiveEvents);
  await context.db.updateTable('editions').set({ scheduled_for: context.clock.now() }).execute();
  const again = async () =>
    as.editor.post(`/desk/editions/${editionId}/choose-again`, {
      base: String((await getEdition(context, editionId)).version),
    });
  await breakLog(context);
  const before = await everything(context);
  expect((await again()).status).not.toBe(303);
  expect(await everything(context)).toBe(before);
  await mendLog(context);
  const { status, text } = await again();
  expect([status, status === 303 ? '' : text.slice(-300)]).toEqual([303, '']);
  expect((await acts()).map(({ act, subject }) => [act, subject])).toEqual([
    ['edition.change', 'Chose the stories anew'],
  ]);
});
