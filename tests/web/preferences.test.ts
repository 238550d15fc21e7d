import { expect, test } from 'vitest';
import { parseAddress } from '../../src/subscribers/address.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { read, startSite } from './site.ts';

test('preferences are shown, saved, and shown as saved', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const path = `/preferences/${site.signer.sign('preferences', [id, site.editionId])}`;
  const page = await read(site.get(path));
  expect(page.text).toContain('anna@example.com');
  expect(page.html).toContain(`name="topic.${site.weekly.id}.sport"`);

  const answer = await site.post(path, {
    name: 'Anna Lee',
    timeZone: 'America/New_York',
    [`list.${site.weekly.id}`]: '',
    [`subscribed.${site.weekly.id}`]: 'yes',
    [`frequency.${site.weekly.id}`]: 'monthly',
    [`topic.${site.weekly.id}.science`]: 'more',
    [`topic.${site.weekly.id}.sport`]: 'none',
    [`topic.${site.weekly.id}.city`]: 'some',
    [`topic.${site.weekly.id}.crime`]: 'more',
    [`pause.${site.weekly.id}`]: '2026-12-24',
    [`list.${site.daily.id}`]: '',
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe(`${path}?saved`);
  const person = await showSubscriber(site.context, 'anna@example.com');
  expect(person).toMatchObject({ name: 'Anna Lee', timeZone: 'America/New_York' });
  const [daily, weekly] = person.subscriptions;
  expect(weekly).toMatchObject({
    state: 'confirmed',
    frequency: 'monthly',
    topics: ['science'],
    mutedTopics: ['sport'],
    // Midnight in New York.
    pausedUntil: new Date('2026-12-24T05:00:00Z'),
  });
  // Its box was not ticked.
  expect(daily).toMatchObject({ state: 'unsubscribed', frequency: 'every' });
  const saved = await read(site.get(`${path}?saved`));
  expect(saved.text).toContain('Saved.');
  expect(saved.html).toContain('value="2026-12-24"');

  await site.post(path, { [`list.${site.daily.id}`]: '', [`subscribed.${site.daily.id}`]: 'yes' });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });
});

test.each([
  [{ timeZone: 'Mars/Olympus' }, 'not a time zone'],
  [{ frequency: 'hourly' }, 'not a frequency'],
  [{ pause: '2026-02-31' }, 'not a date'],
  [{ pause: 'soon' }, 'not a date'],
])('%j is explained, and nothing is changed', async (wrong: Record<string, string>, message) => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const path = `/preferences/${site.signer.sign('preferences', [id, 0])}`;
  const fields: Record<string, string> = { name: 'New', [`list.${site.weekly.id}`]: '' };
  for (const [name, value] of Object.entries(wrong))
    fields[name === 'timeZone' ? name : `${name}.${site.weekly.id}`] = value;
  const answer = await read(site.post(path, fields));
  expect(answer).toMatchObject({ status: 422, text: expect.stringContaining(message) });
  expect(await showSubscriber(site.context, 'anna@example.com')).toMatchObject({
    name: null,
    subscriptions: [{ state: 'confirmed' }],
  });
});

test('a form that names no list leaves every list as it is', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  await site.post(`/preferences/${site.signer.sign('preferences', [id, 0])}`, { name: 'Anna' });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });
});

test('a page of many topics is saved for itself: what stands on another page stays as it was', async () => {
  const site = await startSite();
  const { db } = site.context;
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const topics = Array.from({ length: 50 }, (_, at) => `topic ${at} of the coast`);
  await db.updateTable('lists').set({ topics }).where('id', '=', site.weekly.id).execute();
  const pausedUntil = new Date('2027-01-31T00:00:00Z');
  await db
    .updateTable('subscriptions')
    .set({ topics: ['topic 0 of the coast'], frequency: 'weekly', paused_until: pausedUntil })
    .where('list_id', '=', site.weekly.id)
    .execute();
  const path = `/preferences/${site.signer.sign('preferences', [id, 0])}`;
  const ofList = `${path}/list/${site.weekly.id}`;
  expect((await read(site.get(path))).html).toContain(`href="${ofList}"`);
  const second = await read(site.get(`${ofList}?page=2`));
  expect(second.html).not.toContain('topic 0 of the coast');
  const list = { [`list.${site.weekly.id}`]: '', [`subscribed.${site.weekly.id}`]: 'yes' };
  const answer = await site.post(ofList, {
    ...list,
    [`topic.${site.weekly.id}.topic 49 of the coast`]: 'none',
    // Another list is not spoken of here.
    [`list.${site.daily.id}`]: '',
    page: '2',
  });
  expect(answer.headers.get('location')).toBe(`${ofList}?saved&page=2`);
  // The first page says nothing of topics that have a page of their own.
  await site.post(path, { ...list, name: 'Anna' });
  const { subscriptions } = await showSubscriber(site.context, 'anna@example.com');
  expect(subscriptions.find(({ slug }) => slug === 'weekly')).toMatchObject({
    topics: ['topic 0 of the coast'],
    mutedTopics: ['topic 49 of the coast'],
    frequency: 'weekly',
    pausedUntil,
  });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });
  for (const wrong of [`${path}/list/999`, `${path}/list/x`, `/preferences/1-0-x/list/${site.weekly.id}`])
    expect((await site.get(wrong)).status).toBe(404);
});

test('topics that a list no longer offers survive a save', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  await site.context.db
    .updateTable('subscriptions')
    .set({ topics: ['gone', 'science'] })
    .execute();
  await site.post(`/preferences/${site.signer.sign('preferences', [id, 0])}`, {
    [`list.${site.weekly.id}`]: '',
    [`subscribed.${site.weekly.id}`]: 'yes',
    [`topic.${site.weekly.id}.city`]: 'more',
    [`topic.${site.weekly.id}.science`]: 'some',
  });
  const { subscriptions } = await showSubscriber(site.context, 'anna@example.com');
  expect(subscriptions[0]?.topics).toEqual(['gone', 'city']);
});

test('a form cannot touch a list or a person that is not in its token', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  await site.person('bo@example.com', 'daily');
  await site.post(`/preferences/${site.signer.sign('preferences', [id, 0])}`, {
    [`list.${site.daily.id}`]: '',
    [`subscribed.${site.daily.id}`]: 'yes',
    ['__proto__']: 'x',
  });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
  expect(await site.states('bo@example.com')).toEqual({ daily: 'confirmed' });
});

test('sources of recent editions can be muted, and come back', async () => {
  const site = await startSite();
  await site.context.db
    .insertInto('edition_stories')
    .values(
      ['Harbour Post', 'City Desk'].map((publisher, position) => ({
        edition_id: site.editionId,
        position,
        slot: 'top',
        score: 1,
        reason: '{}',
        snapshot: JSON.stringify({ publisher }),
      })),
    )
    .execute();
  await site.context.db
    .updateTable('editions')
    .set({ planned_at: site.context.clock.now() })
    .where('id', '=', site.editionId)
    .execute();
  const id = await site.person('anna@example.com', 'weekly');
  const path = `/preferences/${site.signer.sign('preferences', [id, 0])}`;
  expect((await read(site.get(path))).text).toMatch(/Sources\s+City Desk\s+Harbour Post/);
  const save = async (ticked: string[]) => {
    const form = new URLSearchParams();
    form.append(`list.${site.weekly.id}`, '');
    form.append(`subscribed.${site.weekly.id}`, 'yes');
    for (const source of ['City Desk', 'Harbour Post']) form.append(`sources.${site.weekly.id}`, source);
    for (const source of ticked) form.append(`source.${site.weekly.id}`, source);
    await fetch(`${site.url}${path}`, { method: 'POST', body: form, redirect: 'manual' });
    return (await showSubscriber(site.context, 'anna@example.com')).subscriptions[0]?.mutedSources;
  };
  expect(await save(['City Desk'])).toEqual(['Harbour Post']);
  expect(await save(['City Desk', 'Harbour Post'])).toEqual([]);
});

test('a source that was neither offered nor muted is not taken from a form', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  await site.context.db
    .updateTable('subscriptions')
    .set({ muted_sources: ['Quay Courier'] })
    .execute();
  const save = async (shown: string[], ticked: string[]) => {
    const form = new URLSearchParams([
      [`list.${site.weekly.id}`, ''],
      [`subscribed.${site.weekly.id}`, 'yes'],
      ...shown.map((source) => [`sources.${site.weekly.id}`, source]),
      ...ticked.map((source) => [`source.${site.weekly.id}`, source]),
    ]);
    const path = `/preferences/${site.signer.sign('preferences', [id, 0])}`;
    const { status } = await fetch(`${site.url}${path}`, { method: 'POST', body: form, redirect: 'manual' });
    const [subscription] = (await showSubscriber(site.context, 'anna@example.com')).subscriptions;
    return [status, subscription?.mutedSources];
  };
  const unknown = ['Nobody Times', 'x'.repeat(10_000), ''];
  expect(await save(unknown, [])).toEqual([303, ['Quay Courier']]);
  // What was muted stays so unless it was shown, whatever is ticked.
  expect(await save(unknown, ['Quay Courier'])).toEqual([303, ['Quay Courier']]);
  expect(await save([...unknown, 'Quay Courier'], [...unknown, 'Quay Courier'])).toEqual([303, []]);
});

test('whoever has lost the link is mailed a new one, and the page does not tell who is known', async () => {
  const site = await startSite();
  await site.person('anna@example.com', 'weekly');
  expect(await read(site.get('/preferences'))).toMatchObject({ status: 200, text: /Mail me the link/ });
  expect(await read(site.post('/preferences', { email: 'not an address' }))).toMatchObject({ status: 422 });
  const known = await read(site.post('/preferences', { email: 'anna@example.com' }));
  const unknown = await read(site.post('/preferences', { email: 'otto@example.com' }));
  expect(known.html.replaceAll('anna', 'otto')).toBe(unknown.html);
  const [mail, ...others] = await site.mails();
  expect(others).toEqual([]);
  const path = /\/preferences\/\d+-0-[0-9a-f]{30}/.exec(String(mail?.raw))?.[0] ?? '';
  expect((await site.get(path)).status).toBe(200);
});

test('who unticks a list that says goodbye gets a goodbye', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  await site.context.db.updateTable('lists').set({ goodbye: true }).where('slug', '=', 'weekly').execute();
  const token = site.signer.sign('preferences', [id, 0]);
  await site.post(`/preferences/${token}`, { [`list.${site.weekly.id}`]: '' });
  const [mail, ...others] = await site.mails();
  expect(mail?.subject).toBe('You have left Weekly');
  expect(others).toEqual([]);
});

test('a box that was not touched lifts no opt-out that came otherwise', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const path = `/preferences/${site.signer.sign('preferences', [id, 0])}`;
  const address = parseAddress('anna@example.com');
  const box = (list: { id: number }) => `name="subscribed.${list.id}" value="yes" checked`;
  const shown = (await read(site.get(path))).html;
  expect(shown).toContain(box(site.weekly));
  // As the page was shown before.
  const form = { [`list.${site.weekly.id}`]: 'confirmed', [`subscribed.${site.weekly.id}`]: 'yes' };
  await suppress(site.context, { address, reason: 'unsubscribe', listId: site.weekly.id });
  const later = (await read(site.get(path))).html;
  expect(later).not.toContain(box(site.weekly));
  expect(later).toContain(box(site.daily));
  await site.post(path, { ...form, name: 'New' });
  expect(await isSuppressed(site.context, address.hash, site.weekly.id)).toMatchObject({
    reason: 'unsubscribe',
  });
  // Ticked now, it is meant.
  await site.post(path, { ...form, [`list.${site.weekly.id}`]: 'unsubscribed' });
  expect(await isSuppressed(site.context, address.hash, site.weekly.id)).toBeUndefined();
});
