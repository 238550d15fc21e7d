import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { triedSubjects } from '../../../src/editions/subject-test.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { startDesk } from './desk-site.ts';

const piece = { 'hx-request': 'true' };

async function startEdition(options: Parameters<typeof startDesk>[0] = {}) {
  const site = await startDesk(options);
  const at = `/desk/editions/${site.editionId}`;
  const version = async () => (await getEdition(site.context, site.editionId)).version;
  return {
    ...site,
    at,
    version,
    /** Titles by slot, in order. */
    async order() {
      const stories = await storiesOf(site.context, site.editionId);
      return Object.groupBy(
        stories.map(({ slot, key }) => ({ slot, key })),
        ({ slot }) => slot,
      );
    },
    async change(fields: Record<string, string>, headers: Record<string, string> = piece) {
      return site.as.editor.post(`${at}/change`, { base: String(await version()), ...fields }, headers);
    },
  };
}

const keys = (group: { key?: string }[] | undefined) => group?.map(({ key }) => key);

test('the page shows slots with their stories, why they stand there, and the lines as inboxes show them', async () => {
  const { as, at } = await startEdition();
  const { status, html, text } = await as.editor.get(at);
  expect(status).toBe(200);
  expect(text).toContain('Story number 0');
  expect(text).toContain('Reported by 3 publishers.');
  // What stands beneath a story comes when it is unfolded; without script it is a page.
  expect(text).not.toContain('How it looked from the quay');
  expect(html).toContain(`href="${at}/stories/s1/beneath"`);
  expect((await as.editor.get(`${at}/stories/s1/beneath`)).text).toContain('How it looked from the quay');
  expect((await as.editor.get(`${at}/stories/s99/beneath`)).status).toBe(404);
  expect(html).toContain('data-slot="top"');
  expect(html).toContain('data-shows="subject"');
  expect(html.indexOf('id="story-s1"')).toBeLessThan(html.indexOf('id="story-s2"'));
  expect(html).not.toMatch(/ style="/);
  const { html: viewed } = await as.viewer.get(at);
  expect(viewed).not.toContain('name="act"');
  expect(viewed).toContain('editors change it');
});

test('a change answers a script with the edition as it is then, and a browser without one with the page', async () => {
  const { at, change, order, as, version } = await startEdition();
  const answer = await change({ act: 'up', story: 's3' });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.headers.get('hx-trigger') ?? '')).toMatchObject({
    'edition-changed': { version: await version() },
  });
  expect(answer.html).toContain('id="edition"');
  expect(answer.html).toContain('hx-swap-oob');
  expect(keys((await order()).top)).toEqual(['s3', 's2', 's4']);
  const plain = await change({ act: 'down', story: 's1' }, {});
  expect([plain.status, plain.to]).toEqual([303, `${at}#story-s1`]);
  expect(await order()).toMatchObject({
    lead: [{ key: 's3' }],
    top: [{ key: 's1' }, { key: 's2' }, { key: 's4' }],
  });
  expect((await as.viewer.post(`${at}/change`, { act: 'drop', story: 's1', base: '1' })).status).toBe(403);
});

test('a sheet that is a page of its own has plain forms with buttons, and leads back', async () => {
  const { at, as, change, context, editionId, version } = await startEdition();
  await change({ act: 'add-note', place: 'top', title: '', text: 'A note' });
  for (const path of ['stories/s1', 'stories/s1/beneath', 'notes/new']) {
    const { status, html } = await as.editor.get(`${at}/${path}`);
    expect([path, status]).toEqual([path, 200]);
    const forms = html.match(/<form[^>]*change"[^>]*>/g) ?? [];
    expect([path, forms.length]).not.toEqual([path, 0]);
    expect(forms.join('')).not.toMatch(/hx-post|data-autosave/);
  }
  const { html } = await as.editor.get(`${at}/stories/s1`);
  expect(html.match(/>Save</g)).toHaveLength(4);
  expect(html).not.toContain('without-script');
  const piece = await as.editor.get(`${at}/stories/s1`, { 'hx-request': 'true' });
  expect(piece.html).toContain('data-autosave');
  const base = String(await version());
  expect((await change({ act: 'edit', story: 's1', title: 'Plain', sheet: 'story:s1' }, {})).to).toBe(
    `${at}/stories/s1`,
  );
  // Both sides on a page of their own, whose forms are plain too; and nobody is somebody else to themselves.
  const lost = await change({ act: 'edit', story: 's1', title: 'Mine', sheet: 'story:s1', base }, {});
  expect(lost.status).toBe(409);
  expect(/<form[^>]*data-keep-mine[^>]*>/.exec(lost.html)?.[0]).not.toContain('hx-');
  expect(lost.text).toContain('You changed this yourself');
  expect(lost.text).not.toContain('somebody else');
  expect((await storiesOf(context, editionId)).find(({ key }) => key === 's1')?.title).toBe('Plain');
});

test('two editors who change the same are shown both sides, and either can stand', async () => {
  const { at, change, as, context, editionId, version } = await startEdition();
  const base = String(await version());
  await as.admin.post(`${at}/change`, { act: 'lines', subject: 'From the admin', base }, piece);
  // What the other has not touched is taken, on whatever version it was written.
  expect((await change({ act: 'lines', preheader: 'From the editor', base })).status).toBe(200);
  const lost = await change({ act: 'lines', subject: 'From the editor', base });
  expect(lost.status).toBe(409);
  expect(lost.headers.get('hx-retarget')).toBe('#conflict');
  expect(lost.text).toContain('admin changed this');
  expect(lost.text).toMatch(/From the admin.*From the editor.*Take theirs.*Keep mine/);
  const plain = await change({ act: 'lines', subject: 'From the editor', base }, {});
  expect([plain.status, plain.text.includes('Keep mine')]).toEqual([409, true]);
  const keep = Object.fromEntries(
    [
      ...(/data-keep-mine.*?<\/form>/s.exec(plain.html)?.[0] ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g),
    ].map(([, name = '', value = '']) => [name, value]),
  );
  expect((await as.editor.post(`${at}/change`, keep, {})).status).toBe(303);
  const { subject, preheader } = await getEdition(context, editionId);
  expect([subject, preheader]).toEqual(['From the editor', 'From the editor']);
});

/** What a form of the answer sends. */
const fieldsIn = (html: string) =>
  Object.fromEntries(
    [
      ...(/<form[^>]*data-keep-mine.*?<\/form>/s.exec(html)?.[0] ?? '').matchAll(
        /name="([\w.]+)" value="([^"]*)"/g,
      ),
    ].map(([, name = '', value = '']) => [name, value]),
  );

test('what was written for something that is gone can be put back, and nothing is offered that would fail', async () => {
  const { at, change, as, context, editionId, version, order } = await startEdition();
  const base = String(await version());
  await as.admin.post(`${at}/change`, { act: 'drop', story: 's3', base }, piece);
  const lost = await change({ act: 'edit', story: 's3', title: 'Mine', sheet: 'story:s3', base }, {});
  expect(lost.status).toBe(409);
  expect(lost.text).toMatch(/not in the edition any more.*Dropped.*Mine.*Bring it back with my words/);
  expect(lost.text).not.toContain('Keep mine');
  const back = fieldsIn(lost.html);
  expect(back).toMatchObject({ act: 'bring-back', story: 's3', title: 'Mine' });
  expect((await as.editor.post(`${at}/change`, { ...back, slot: 'lead' }, {})).status).toBe(303);
  expect(keys((await order()).lead)).toEqual(['s3']);
  expect((await storiesOf(context, editionId)).find(({ key }) => key === 's3')).toMatchObject({
    title: 'Mine',
    original: { title: 'Story number 2' },
  });

  // Without words it is brought back as it is.
  const before = String(await version());
  await as.admin.post(`${at}/change`, { act: 'drop', story: 's3', base: before }, piece);
  const pinned = await change({ act: 'pin', story: 's3', base: before }, {});
  expect(fieldsIn(pinned.html)).toEqual({
    csrf: expect.any(String),
    base: String(await version()),
    act: 'bring-back',
    story: 's3',
  });

  await change({ act: 'add-note', place: 'top', title: 'Hello', text: 'A note' });
  const note = (await order()).note?.[0]?.key ?? '';
  const written = String(await version());
  await as.admin.post(`${at}/change`, { act: 'remove-note', story: note, base: written }, piece);
  const words = { title: 'Hello again', text: 'More', place: 'top', wasPlace: 'top' };
  const gone = await change({ act: 'edit-note', story: note, ...words, base: written }, {});
  expect(gone.text).toContain('Add mine as a new note');
  expect((await as.editor.post(`${at}/change`, fieldsIn(gone.html), {})).status).toBe(303);
  const stories = await storiesOf(context, editionId);
  expect(stories.find(({ kind }) => kind === 'note')?.note).toEqual({ title: 'Hello again', text: 'More' });
});

test('a story is edited for this edition, cropped, and given back what its publisher has', async () => {
  const { at, as, change, context, editionId } = await startEdition();
  const story = async () => (await storiesOf(context, editionId)).find(({ key }) => key === 's1');
  const answer = await change({ act: 'edit', story: 's1', title: 'Another headline', sheet: 'story:s1' });
  expect(answer.html).toContain('id="sheet-body"');
  expect(answer.text).toContain('The publisher has: Story number 0');
  await change({ act: 'crop', story: 's1', x: '10', y: '20', width: '150', height: '50' });
  expect(await story()).toMatchObject({
    title: 'Another headline',
    crop: { x: 0.1, y: 0.2, width: 0.9, height: 0.5 },
  });
  // The same without script: pages of their own.
  const page = await as.editor.get(`${at}/stories/s1`);
  expect(page.text).toContain('As the publisher has it');
  const back = await change({ act: 'restore:title', story: 's1', sheet: 'story:s1' }, {});
  expect(back.to).toBe(`${at}/stories/s1`);
  await change({ act: 'uncrop', story: 's1' });
  expect(await story()).toMatchObject({ title: 'Story number 0' });
  expect((await story())?.crop).toBeUndefined();
  const wrong = await change({ act: 'edit', story: 's1', imageUrl: 'javascript:alert(1)' });
  expect([wrong.status, wrong.headers.get('hx-retarget')]).toEqual([422, '#toasts']);
  const wrongPlain = await change({ act: 'edit', story: 's1', title: ' ' }, {});
  expect([wrongPlain.status, wrongPlain.text.includes('is not empty')]).toEqual([422, true]);
});

test('notes, places, further subjects, drops and stories from the store each have their form', async () => {
  const { at, as, change, order, context, editionId } = await startEdition();
  await change({ act: 'add-note', place: 'after:lead', title: 'Hello', text: 'A *note* <b>here</b>' });
  const noteKey = keys((await order()).note)?.[0] ?? '';
  const { text, html } = await as.editor.get(at);
  expect(text).toContain('A note <b>here</b>'.replace(/</g, '&lt;').replace(/>/g, '&gt;'));
  expect(html.indexOf(`story-${noteKey}`)).toBeGreaterThan(html.indexOf('id="story-s1"'));
  expect((await as.editor.get(`${at}/notes/${noteKey}`)).html).toContain('A *note*');
  await change({
    act: 'edit-note',
    story: noteKey,
    text: 'Moved',
    title: '',
    place: 'top',
    wasPlace: 'after:lead',
  });
  expect((await order()).note).toHaveLength(1);
  await change({ act: 'add-note', place: 'story:s2', title: '', text: 'Beneath' });
  await change({ act: 'places:top=2' });
  expect(keys((await order()).top)).toEqual(['s2', 's3']);
  await change({ act: 'lines', 'tried.0': 'Second subject', 'tried.1': ' ' });
  expect(await triedSubjects(context, editionId)).toEqual(['Second subject']);
  await change({ act: 'lines', 'tried.0': '' });
  expect(await triedSubjects(context, editionId)).toEqual([]);
  await change({ act: 'drop', story: 's5' });
  expect((await as.editor.get(at)).text).toContain('Bring back');
  await change({ act: 'bring-back', story: 's5' });
  await change({ act: 'pin', story: 's2' });
  expect((await as.editor.get(at)).text).toContain('Pinned');
  // Not the number of an invented story.
  await sql`alter table stories alter column id restart with 500`.execute(context.db);
  const { id } = await context.db
    .insertInto('stories')
    .values({
      title: 'Otters cross the new bridge',
      publisher: 'Quay',
      url: 'https://q.example.com/1',
      url_key: 'q',
      content_hash: 'q',
      published_at: context.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const found = await as.editor.get(`${at}/find?q=otters+bridge`, piece);
  expect(found.text).toContain('Otters cross the new bridge');
  expect((await change({ act: 'add:top', storyId: String(id) })).status).toBe(200);
  expect((await as.editor.get(`${at}/find?q=otters`, piece)).text).toContain('In this edition');
  expect((await as.editor.get(`${at}/history`)).text).toMatch(/Added .*Otters cross.* by editor/);
});

test('changes are taken back and done again, whoever made them, and each stands in the log', async () => {
  const { at, as, change, order, acts, version } = await startEdition();
  await change({ act: 'drop', story: 's1' });
  const undone = await as.admin.post(`${at}/undo`, { base: String(await version()) }, piece);
  expect(undone.status).toBe(200);
  // Who takes back what another did is told whose it was, and so is the other.
  expect(decodeURIComponent(undone.headers.get('hx-trigger') ?? '')).toContain('a change of editor: Dropped');
  const here = { window: 'w', version: String((await version()) - 1), state: 'review' };
  const heard = (await as.editor.post(`${at}/here`, here, piece)).headers.get('edition-undone') ?? '';
  expect(decodeURIComponent(heard)).toContain('admin: Took back a change of editor: Dropped');
  expect((await as.admin.get(at)).html).toContain('title="Do again what editor did: Dropped');
  expect(keys((await order()).lead)).toEqual(['s1']);
  await as.editor.post(`${at}/redo`, { base: String(await version()) });
  expect(keys((await order()).lead)).toEqual(['s2']);
  expect((await as.editor.post(`${at}/redo`, { base: String(await version()) }, piece)).status).toBe(409);
  expect((await acts()).map(({ act, by }) => [act, by])).toEqual([
    ['edition.change', 'editor@example.com'],
    ['edition.change', 'admin@example.com'],
    ['edition.change', 'editor@example.com'],
  ]);
});

test('a change of an approved edition takes its approval back, visibly; a sent one shows clicks and no forms', async () => {
  const { at, as, change, context, editionId } = await startEdition({ state: 'approved' });
  const { text } = await change({ act: 'up', story: 's3' });
  expect(text).toContain('Changed after approval by editor. Approve it again');
  expect((await getEdition(context, editionId)).state).toBe('review');
  await context.db
    .updateTable('editions')
    .set({ state: 'sent', planned_at: context.clock.now(), sent_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  await context.db
    .insertInto('engagement_counts')
    .values(
      [0, 0, 1].map((position, at) => ({
        edition_id: editionId,
        kind: 'click',
        position,
        related: at - 1,
        source: 'person',
        times: at === 1 ? 90 : 6,
      })),
    )
    .execute();
  const page = await as.editor.get(at);
  expect(page.text).toMatch(/6 clicks 100/);
  expect(page.html).not.toContain('name="act"');
  expect((await change({ act: 'up', story: 's2' })).status).toBe(409);
});

test('windows hear who else is here and what was changed; others’ newsletters stay closed', async () => {
  const site = await startEdition();
  const { at, as, change, version, context, newsletter } = site;
  const here = (who: typeof as.editor, more: Record<string, string> = {}) =>
    who.post(`${at}/here`, { window: 'w', ...more }, piece);
  const known = { version: String(await version()), state: 'review' };
  await here(as.admin, { ...known, field: 'story:s1' });
  const heard = await here(as.editor, known);
  expect(heard.text).toContain('admin is editing “Story number 0”');
  expect(heard.html).not.toContain('id="edition"');
  await change({ act: 'up', story: 's3' });
  const news = await here(as.admin, known);
  expect(news.html).toContain('id="edition"');
  expect(news.headers.get('edition-version')).toBe(String(await version()));
  await here(as.admin, { leaves: 'yes' });
  expect((await here(as.editor, known)).text).not.toContain('admin is');

  const elsewhere = await seedNewsletter(context, [site.listId], { slug: 'elsewhere', name: 'Elsewhere' });
  const guest = await createUser(context, {
    email: 'guest@example.com',
    newsletters: [{ newsletterId: elsewhere.id, role: 'editor' }],
  });
  const browser = await site.loggedIn(guest);
  expect(newsletter.id).not.toBe(elsewhere.id);
  expect((await browser.get(at)).status).toBe(404);
  expect((await browser.post(`${at}/change`, { act: 'drop', story: 's1', base: '1' })).status).toBe(404);
  expect((await browser.get(`${at}/stories/s1`)).status).toBe(404);
  expect((await as.editor.get('/desk/editions/999')).status).toBe(404);
});

test('what cannot be done is said in words of the desk, without paths and commands', async () => {
  const { change } = await startEdition();
  const asked: Record<string, string>[] = [
    { act: 'place', story: 's1', slot: 'top', at: 'x' },
    { act: 'add:top', storyId: '99999999999999999999' },
    { act: 'add:top', storyId: '99999999' },
    { act: 'promote:1e9', story: 's1' },
    { act: 'places:top=x' },
    { act: 'add-note', place: 'nowhere', title: '', text: 'A note' },
  ];
  for (const fields of asked)
    for (const headers of [piece, {} as Record<string, string>]) {
      const { status, text } = await change(fields, headers);
      expect([404, 422]).toContain(status);
      expect(text).not.toMatch(
        /Invalid input|Too big|expected|storyId|any more\)|broadsheet (stories|editions)/,
      );
    }
  expect((await change({ act: 'add:top', storyId: '99999999' })).text).toContain('does not exist');
});

test('addresses that are none of the web come out neither as links nor as pictures', async () => {
  const { as, at, context, editionId } = await startEdition();
  await sql`update edition_stories set snapshot = snapshot || ${JSON.stringify({ url: 'javascript:alert(1)', imageUrl: 'data:image/svg+xml,x' })}::jsonb
    where edition_id = ${editionId}`.execute(context.db);
  for (const path of [at, `${at}/stories/s1`]) {
    const { status, html } = await as.editor.get(path);
    expect(status).toBe(200);
    expect(
      html.replace(/<link rel="icon"[^>]*>/, '').match(/[^<]*(href|src)="(javascript|data):[^"]*"/g) ?? [],
    ).toEqual([]);
  }
});

test('a picture is not taken from a private network, unless that is allowed', async () => {
  const { change, context } = await startEdition();
  const put = async (imageUrl: string) => (await change({ act: 'edit', story: 's1', imageUrl })).status;
  const isAllowed = context.config.allowPrivateNetwork;
  const allow = (allowPrivateNetwork: boolean) => Object.assign(context.config, { allowPrivateNetwork });
  try {
    allow(false);
    for (const host of ['127.0.0.1:8200', 'localhost', '[::1]', '10.1.2.3', '0x7f.1'])
      expect([host, await put(`http://${host}/x.png`)]).toEqual([host, 422]);
    expect(await put('https://img.example.com/x.png')).toBe(200);
    allow(true);
    expect(await put('http://127.0.0.1:8200/x.png')).toBe(200);
  } finally {
    allow(isAllowed);
  }
});

test('who edits one newsletter is shown nothing that changes the storylines of all', async () => {
  const { at, as, change, context, editionId, loggedIn, version } = await startEdition();
  const { newsletter_id: newsletterId } = await getEdition(context, editionId);
  const one = await createUser(context, {
    email: 'one@example.com',
    newsletters: [{ newsletterId, role: 'editor' }],
  });
  const theirs = await loggedIn(one);
  for (const [who, sees] of [
    [as.editor, true],
    [theirs, false],
  ] as const) {
    expect((await who.get(at)).html.includes('/merge"')).toBe(sees);
    expect((await who.get(`${at}/stories/s1/beneath`)).html.includes('split:')).toBe(sees);
    expect((await who.get(`${at}/stories/s1/merge`)).status).toBe(sees ? 200 : 403);
  }
  // Nor is a merge of somebody else theirs to take back: the button says why.
  await change({ act: 'pin', story: 's2' });
  await context.db.updateTable('edition_versions').set({ kind: 'merge' }).execute();
  const { html } = await theirs.get(at);
  expect(/<button[^>]*id="undo"[^>]*>/.exec(html)?.[0]).toMatch(
    /title="This was a change of storylines[^"]*".*disabled/,
  );
  expect(/<button[^>]*id="undo"[^>]*>/.exec((await as.editor.get(at)).html)?.[0]).not.toContain('disabled');
  expect((await theirs.post(`${at}/undo`, { base: String(await version()) })).status).toBe(403);
});
