import { expect, test } from 'vitest';
import { findNewsletter } from '../../../src/editions/newsletters.ts';
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
