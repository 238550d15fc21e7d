import { expect, test } from 'vitest';
import { getUser } from '../../../src/access/users.ts';
import { findNewsletter } from '../../../src/editions/newsletters.ts';
import { findSource } from '../../../src/stories/sources.ts';
import { startDesk } from './desk-site.ts';

/** What the form of a section shows for what is saved, as its hidden field says it. */
const seenIn = (html: string, section = '') =>
  /name="seen" value="([^"]+)"/.exec(html.slice(section ? html.indexOf(`id="${section}"`) : 0))?.[1] ?? '';

test('of two who save the same settings at once the second is told, loses nothing, and may replace the first’s', async () => {
  const { context, newsletter, as } = await startDesk();
  const at = `/desk/newsletters/${newsletter.slug}`;
  const { html } = await as.admin.get(at);
  const identity = {
    name: 'Mine',
    fromAddress: 'mine@example.com',
    fromName: 'Mine',
    seen: seenIn(html, 'identity'),
  };
  const saved = async () => (await findNewsletter(context, newsletter.slug)).name;
  expect((await as.admin.post(`${at}/identity`, { ...identity, name: 'Theirs' })).status).toBe(303);
  // A mistake, mended, does not take what the other saved for seen.
  const mistaken = await as.admin.post(`${at}/identity`, { ...identity, fromAddress: 'none' });
  expect([mistaken.status, seenIn(mistaken.html, 'identity')]).toEqual([422, identity.seen]);
  const late = await as.admin.post(`${at}/identity`, identity);
  expect(late.status).toBe(422);
  expect(late.text).toContain('admin@example.com saved this after you opened it');
  expect(late.html).toContain('value="Mine"');
  expect(await saved()).toBe('Theirs');
  // Another section was not touched, whenever it was opened.
  expect(
    (await as.admin.post(`${at}/tracking`, { privacy: 'aggregate', seen: seenIn(html, 'tracking') })).status,
  ).toBe(303);
  expect(
    (await as.admin.post(`${at}/identity`, { ...identity, seen: seenIn(late.html, 'identity') })).status,
  ).toBe(303);
  expect(await saved()).toBe('Mine');

  const look = seenIn((await as.admin.get(`${at}/look`)).html);
  expect(look).not.toBe('');
  const asked = { theme: 'magazine', seen: look };
  expect((await as.admin.post(`${at}/look`, asked)).status).toBe(303);
  const again = await as.admin.post(`${at}/look`, { ...asked, theme: 'briefing' });
  expect([again.status, again.text.includes('saved this after you opened it')]).toEqual([422, true]);
  expect((await findNewsletter(context, newsletter.slug)).theme).toBe('magazine');
});

test('of two who save a source at once the second is told, loses nothing, and may replace the first’s', async () => {
  const { context, as } = await startDesk();
  const { id } = await context.db
    .insertInto('sources')
    .values({ url: 'https://coast.example.com/feed', kind: 'feed', name: 'Coast', publisher: 'Coast' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const at = `/desk/sources/${id}`;
  const seen = seenIn((await as.admin.get(at)).html);
  const form = { name: 'Coast', publisher: 'Coast', topics: '', language: 'en', minutes: '15', seen };
  expect((await as.admin.post(at, { ...form, weight: '2' })).to).toBe(`${at}?done=saved`);
  // A mistake, mended, does not take what the other saved for seen.
  const mistaken = await as.admin.post(at, { ...form, weight: '-1' });
  expect([mistaken.status, seenIn(mistaken.html)]).toEqual([422, seen]);
  const late = await as.admin.post(at, { ...form, weight: '3' });
  expect([late.status, late.text.includes('admin@example.com saved these settings')]).toEqual([422, true]);
  expect(late.html).toMatch(/name="weight"[^>]*value="3"|value="3"[^>]*name="weight"/);
  expect((await findSource(context, id)).weight).toBe(2);
  // Where the source has moved by itself since the page was loaded, it is not put back.
  await context.db.updateTable('sources').set({ url: 'https://coast.example.com/new' }).execute();
  const shown = 'https://coast.example.com/feed';
  const again = { ...form, weight: '3', seen: seenIn(late.html), address: shown, 'address-shown': shown };
  expect((await as.admin.post(at, again)).status).toBe(303);
  expect((await findSource(context, id)).url).toBe('https://coast.example.com/new');
  expect((await findSource(context, id)).weight).toBe(3);
});

test('of two who change an account at once the second sees what the first made of it', async () => {
  const { context, as, editor } = await startDesk();
  const at = `/desk/users/${editor.id}`;
  const seen = seenIn((await as.admin.get(at)).html);
  expect(seen).not.toBe('');
  expect((await as.admin.post(at, { name: 'Ed', role: 'viewer', seen })).status).toBe(303);
  const late = await as.admin.post(at, { name: 'Ed', role: 'admin', seen });
  expect([late.status, late.text.includes('admin@example.com changed this account')]).toEqual([422, true]);
  expect((await getUser(context, editor.id)).role).toBe('viewer');
  const again = { name: 'Ed', role: 'admin', seen: seenIn(late.html) };
  expect((await as.admin.post(at, again)).status).toBe(303);
  expect((await getUser(context, editor.id)).role).toBe('admin');
});
