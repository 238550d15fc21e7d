import { expect, test } from 'vitest';
import { removeNewsletter } from '../../src/delivery/remove-editions.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { listsOfEdition } from '../../src/feedback/edition-lists.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { mergeLists } from '../../src/subscribers/lists-merge.ts';
import { removeSubscriber } from '../../src/subscribers/subscribe.ts';
import { read, startSite } from './site.ts';

const oneClick = { 'List-Unsubscribe': 'One-Click' };

test('a GET never unsubscribes, the one-click POST does', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const link = `/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  for (const method of ['GET', 'HEAD', 'GET']) {
    const response = await fetch(site.url + link, { method });
    expect(response.status).toBe(200);
  }
  expect((await read(site.get(link))).text).toContain('You are still subscribed');
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });

  // RFC 8058: no redirect, no cookie, one POST.
  const response = await site.post(link, oneClick);
  expect(response.status).toBe(200);
  expect(response.headers.get('set-cookie')).toBeNull();
  // The edition's newsletter goes to the weekly list alone.
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed', daily: 'confirmed' });
  const { consent } = await showSubscriber(site.context, 'anna@example.com');
  expect(consent[0]).toMatchObject({
    act: 'unsubscribed',
    list: 'weekly',
    via: 'one-click',
    ip: '127.0.0.1',
  });
});

test('a one-click POST may come as multipart/form-data, and twice', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const link = `${site.url}/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  const body = new FormData();
  body.append('List-Unsubscribe', 'One-Click');
  for (let turn = 0; turn < 2; turn += 1) {
    expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
    expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed' });
  }
});

test.each([
  ['no body', undefined, undefined],
  ['another field', 'hello=1', 'application/x-www-form-urlencoded'],
  ['broken multipart', '--x\r\nnonsense', 'multipart/form-data; boundary=y'],
  ['JSON', '{"List-Unsubscribe":"One-Click"}', 'application/json'],
])('a POST with %s shows the question and unsubscribes nobody', async (_name, body, type) => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const link = `${site.url}/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  const headers: Record<string, string> = type ? { 'content-type': type } : {};
  const answer = await read(fetch(link, { method: 'POST', body, headers }));
  expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('You are still subscribed') });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
});

test('the button unsubscribes, undo brings back, and everything means everything', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const link = `/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  const left = await read(site.post(link, { action: 'leave' }));
  expect(left.text).toContain('You will get no more mail of Weekly.');
  expect(left.text).toContain('You still get Daily');
  const fields = [...left.html.matchAll(/name="list" value="(\d+)"/g)].map((match) => match[1]);
  expect(fields).toEqual([String(site.weekly.id)]);

  const undone = await read(site.post(link, { action: 'undo', list: String(site.weekly.id) }));
  expect(undone.text).toContain('Welcome back');
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });

  const all = await read(site.post(link, { action: 'leave-all' }));
  expect(all.text).toContain('nothing from us any more');
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed', daily: 'unsubscribed' });
});

test('undo takes lists that were never left for nothing', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const link = `/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  const fields: [string, string][] = [
    ['action', 'undo'],
    ['list', String(site.daily.id)],
    ['list', '-1'],
    ['list', '1e99'],
    ['list', "1' or 1=1"],
  ];
  const answer = await read(site.post(link, fields));
  expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('cannot be undone') });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
});

test('a link without an edition is about everything the person gets', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  await site.post(`/unsubscribe/${site.signer.sign('unsubscribe', [id, 0])}`, oneClick);
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed', daily: 'unsubscribed' });
});

test('a mail of a newsletter that is gone still leaves its lists and no others', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const link = `/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  const { id: newsletterId } = await site.context.db
    .selectFrom('newsletters')
    .select('id')
    .executeTakeFirstOrThrow();
  await removeNewsletter(site.context, newsletterId);
  await createList(site.context, { name: 'Joined' });
  await mergeLists(site.context, { from: ['weekly'], into: 'joined' });
  expect((await read(site.get(link))).text).toContain('Joined');
  await site.post(link, oneClick);
  expect(await site.states('anna@example.com')).toEqual({ joined: 'unsubscribed', daily: 'confirmed' });
  expect(await listsOfEdition(site.context, site.editionId)).toMatchObject({
    newsletter: 'The Weekly Letter',
  });
  expect(await listsOfEdition(site.context, 424_242)).toBeUndefined();
});

test('an erased person who follows an old link reads that nothing is left', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const link = `/unsubscribe/${site.signer.sign('unsubscribe', [id, site.editionId])}`;
  await removeSubscriber(site.context, id, { via: 'admin' });
  expect((await read(site.get(link))).text).toContain('You are not subscribed any more');
  expect((await site.post(link, oneClick)).status).toBe(200);
});

test('tokens that are forged, cut short or for another purpose are a 404, and change nothing', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const good = site.signer.sign('unsubscribe', [id, site.editionId]);
  const bad = {
    unsubscribe: [
      site.signer.sign('preferences', [id, site.editionId]),
      site.signer.sign('view', [id, site.editionId]),
      site.signer.sign('unsubscribe', [id]),
      site.signer.sign('unsubscribe', [id, site.editionId, 1]),
      good.replace(/^\d+/, String(id + 1)),
      good.slice(0, -1),
      `${id}-${site.editionId}-${'0'.repeat(30)}`,
      'x'.repeat(2_000),
      '%00',
    ],
    preferences: [good, site.signer.sign('preferences', [id])],
    confirm: [good, site.signer.sign('confirm', [id, site.weekly.id])],
  };
  for (const [page, tokens] of Object.entries(bad))
    for (const token of tokens) {
      const path = `/${page}/${token}`;
      expect([path, (await site.get(path)).status]).toEqual([path, 404]);
      expect([path, (await site.post(path, { ...oneClick, action: 'leave-all' })).status]).toEqual([
        path,
        404,
      ]);
    }
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
});

test('who leaves by the link of an edition is counted in its report, once', async () => {
  const site = await startSite();
  const id = await site.person('ada@example.com', 'weekly');
  const token = site.signer.sign('unsubscribe', [id, site.editionId]);
  for (let times = 0; times < 2; times++) await site.post(`/unsubscribe/${token}`, { action: 'leave' });
  await site.background.settle();
  expect(await deliveryReport(site.context, site.editionId)).toMatchObject({
    unsubscribed: 1,
    bounced: 0,
    complaints: 0,
  });
});
