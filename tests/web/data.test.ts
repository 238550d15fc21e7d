import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { read, startSite, type TestSite } from './site.ts';

async function mailedLink(site: TestSite): Promise<string> {
  const mail = await simpleParser((await site.mails()).at(-1)?.raw ?? '');
  return new URL(/https?:\/\/\S+\/data\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '').pathname;
}

test('the request is answered alike for every address, and mail goes to known ones alone, once an hour', async () => {
  const site = await startSite();
  await site.person('ada@example.com', 'weekly');
  const [known, again, unknown] = [
    await read(site.post('/data', { email: 'ada@example.com' })),
    await read(site.post('/data', { email: 'ada@example.com' })),
    await read(site.post('/data', { email: 'bob@example.com' })),
  ];
  expect(known).toEqual(again);
  expect(unknown.html.replaceAll('bob', 'ada')).toBe(known.html);
  expect(await read(site.post('/data', { email: 'nobody' }))).toMatchObject({ status: 422 });
  const mails = await site.mails();
  expect(mails.map(({ rcpt_to, subject }) => `${rcpt_to}: ${subject}`)).toEqual([
    'ada@example.com: Your link to your data',
  ]);
});

test('the link gives a copy to read and for programs, and works for a day', async () => {
  const site = await startSite();
  const id = await site.person('ada@example.com', 'weekly');
  await site.post('/data', { email: 'ada@example.com' });
  const link = await mailedLink(site);
  expect((await read(site.get(link))).text).toContain('ada@example.com');
  const copy = await site.get(`${link}/copy.json`);
  expect(copy.headers.get('content-disposition')).toContain('attachment');
  expect(await copy.json()).toMatchObject({ subscriberId: id, email: 'ada@example.com' });
  const page = await site.get(`${link}/copy.html`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect((await read(page)).text).toContain('ada@example.com');

  site.context.clock.advance(24 * 3_600_000 + 1_000);
  for (const path of ['', '/copy.json', '/copy.html', '/erase'])
    expect(await read(site.get(link + path))).toMatchObject({ status: 410, text: /This link has expired/ });
  expect((await site.post(`${link}/erase`, { action: 'erase' })).status).toBe(410);
  expect(await site.states('ada@example.com')).toEqual({ weekly: 'confirmed' });
});

test('erasure is asked for twice, happens at a POST alone, and may be pressed twice', async () => {
  const site = await startSite();
  await site.person('ada@example.com', 'weekly');
  await site.post('/data', { email: 'ada@example.com' });
  const link = await mailedLink(site);
  for (const path of ['', '/erase', '/copy.json', '/copy.html']) await site.get(link + path);
  expect((await site.post(`${link}/erase`)).status).toBe(400);
  expect(await site.states('ada@example.com')).toEqual({ weekly: 'confirmed' });
  const presses = await Promise.all([
    site.post(`${link}/erase`, { action: 'erase' }),
    site.post(`${link}/erase`, { action: 'erase' }),
  ]);
  for (const press of presses) expect((await read(press)).text).toContain('Your data is erased');
  expect(await site.context.db.selectFrom('subscribers').select('id').execute()).toEqual([]);
  expect(await read(site.get(link))).toMatchObject({ status: 404, text: /Your data is erased/ });
});

test('links of other kinds, or changed ones, give nothing', async () => {
  const site = await startSite();
  const id = await site.person('ada@example.com', 'weekly');
  const good = site.signer.sign('data', [id, 4_000_000_000]);
  for (const token of [
    site.signer.sign('preferences', [id, 4_000_000_000]),
    site.signer.sign('data', [id]),
    good.replace(/^\d+/, String(id + 1)),
    `${good}0`,
    'x',
  ])
    for (const path of ['', '/copy.json', '/erase'])
      expect((await site.get(`/data/${token}${path}`)).status).toBe(404);
});
