import { expect, test } from 'vitest';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { mergeLists } from '../../src/subscribers/lists-merge.ts';
import { settleAsks } from '../../src/subscribers/sunset.ts';
import { read, startSite } from './site.ts';

async function asked() {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const now = site.context.clock.now();
  await site.context.db
    .insertInto('sunset_asks')
    .values({
      list_id: site.weekly.id,
      subscriber_id: id,
      found_at: now,
      asked_at: now,
      answer_by: new Date(now.getTime() + 14 * 86_400_000),
    })
    .execute();
  const expires = Math.floor(now.getTime() / 1000) + 74 * 86_400;
  const link = `/stay/${site.signer.sign('stay', [id, site.weekly.id, expires])}`;
  return { ...site, id, link };
}

test('opening the link keeps nobody, pressing the button does', async () => {
  const site = await asked();
  for (let visit = 0; visit < 3; visit++) {
    const page = await read(site.get(site.link));
    expect(page.status).toBe(200);
    expect(page.text).toContain('Do you still want Weekly?');
  }
  const outcome = () => site.context.db.selectFrom('sunset_asks').select('outcome').executeTakeFirstOrThrow();
  expect(await outcome()).toEqual({ outcome: null });
  const kept = await read(site.post(site.link));
  expect(kept).toMatchObject({ status: 200 });
  expect(kept.text).toContain('Thank you. Weekly keeps coming to you.');
  expect(await outcome()).toEqual({ outcome: 'stayed' });
  const { consent } = await showSubscriber(site.context, 'anna@example.com');
  expect(consent[0]).toMatchObject({ act: 'confirmed', via: 'sunset', ip: '127.0.0.1' });
  // Pressing it again says the same, and proves nothing new.
  expect(await read(site.post(site.link))).toMatchObject({ status: 200 });
  expect((await showSubscriber(site.context, 'anna@example.com')).consent).toHaveLength(consent.length);
});

test('who was taken off comes back by it; who left by themselves does not', async () => {
  const site = await asked();
  site.context.clock.advance(15 * 86_400_000);
  expect(await settleAsks(site.context, site.weekly.id)).toMatchObject({ left: 1 });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed' });
  expect(await read(site.post(site.link))).toMatchObject({ status: 200 });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
  await site.post(`/unsubscribe/${site.signer.sign('unsubscribe', [site.id, site.editionId])}`, {
    'List-Unsubscribe': 'One-Click',
  });
  expect(await read(site.post(site.link))).toMatchObject({ status: 409 });
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'unsubscribed' });
});

test('after a merge the link keeps, and brings back, people of the list that went', async () => {
  const site = await asked();
  await createList(site.context, { name: 'Joined' });
  site.context.clock.advance(15 * 86_400_000);
  expect(await settleAsks(site.context, site.weekly.id)).toMatchObject({ left: 1 });
  await mergeLists(site.context, { from: ['weekly'], into: 'joined' });
  expect(await site.states('anna@example.com')).toEqual({ joined: 'unsubscribed' });
  expect((await read(site.post(site.link))).text).toContain('Joined keeps coming');
  expect(await site.states('anna@example.com')).toEqual({ joined: 'confirmed' });
});

test('the page speaks the reader’s language, and no other link or old link opens it', async () => {
  const site = await asked();
  await site.context.db.updateTable('subscribers').set({ language: 'ar' }).execute();
  const page = await read(site.get(site.link));
  expect(page.html).toContain('dir="rtl"');
  expect(page.text).toContain('هل ما زلت تريد');
  const expires = Math.floor(site.context.clock.now().getTime() / 1000) + 60;
  for (const token of [
    site.signer.sign('confirm', [site.id, site.weekly.id, expires]),
    site.signer.sign('stay', [site.id, site.weekly.id]),
    site.signer.sign('stay', [999, site.weekly.id, expires]),
    'nonsense',
  ])
    expect(await read(site.post(`/stay/${token}`))).toMatchObject({ status: 404 });
  site.context.clock.advance(75 * 86_400_000);
  expect(await read(site.get(site.link))).toMatchObject({ status: 404 });
});
