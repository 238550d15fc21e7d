import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { parseAddress } from '../../src/subscribers/address.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { archiveList } from '../../src/subscribers/lists-archive.ts';
import { subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { suppress } from '../../src/subscribers/suppression.ts';
import { noLetters, read, startSite, type TestSite } from './site.ts';

const hours = 3_600_000;

/** The path of the confirmation link in the newest mail. */
async function mailedLink(site: TestSite): Promise<string> {
  const mail = await simpleParser((await site.mails()).at(-1)?.raw ?? '');
  const link = /https?:\/\/\S+\/confirm\/[\w-]+/.exec(mail.text ?? '')?.[0] ?? '';
  return new URL(link).pathname;
}

test('from the form over the caught mail to the subscription', async () => {
  const site = await startSite();
  const form = await read(site.get('/subscribe/weekly'));
  expect(form.status).toBe(200);
  expect(form.text).toContain('Get Weekly by email');

  const posted = await read(
    site.signUp('weekly', [
      ['email', ' anna@example.com '],
      ['name', 'Anna'],
      ['topics', 'science'],
      ['topics', 'not offered'],
    ]),
  );
  expect(posted.status).toBe(200);
  expect(posted.text).toContain('Please look in your mail');
  const link = await mailedLink(site);

  // A mail scanner opens the link, more than once.
  for (let visit = 0; visit < 3; visit += 1) expect((await site.get(link)).status).toBe(200);
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'pending' });

  const confirmed = await read(site.post(link));
  expect(confirmed.text).toContain('You are subscribed');
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
  expect(await showSubscriber(site.context, 'anna@example.com')).toMatchObject({
    name: 'Anna',
    subscriptions: [{ topics: ['science'] }],
    consent: [
      { act: 'confirmed', via: 'link', ip: '127.0.0.1' },
      { act: 'requested', via: 'form', ip: '127.0.0.1' },
    ],
  });
  expect((await read(site.get(link))).text).toContain('You are subscribed already');
});

test('the answer does not tell whether an address is known, suppressed or new', async () => {
  const site = await startSite();
  await site.person('known@example.com', 'weekly', 'daily');
  const left = await site.person('left@example.com', 'weekly', 'daily');
  await unsubscribe(site.context, left, 'all', { via: 'page' });
  await suppress(site.context, { address: parseAddress('bad@example.com'), reason: 'complaint' });
  for (const list of ['weekly', 'daily']) {
    const answers = [];
    for (const who of ['known', 'left', 'bad', 'new']) {
      const email = `${who}@example.com`;
      const { status, html } = await read(site.signUp(list, { email }));
      answers.push(`${status} ${html.replaceAll(email, 'EMAIL')}`);
    }
    expect(new Set(answers).size).toBe(1);
  }
  const mails = await site.mails();
  expect(mails.map((mail) => `${mail.rcpt_to}: ${mail.subject}`).toSorted()).toEqual([
    'left@example.com: Please confirm your subscription to Weekly',
    'new@example.com: Please confirm your subscription to Weekly',
    'new@example.com: Welcome to Daily',
  ]);
});

test('a wrong address is explained next to its field, with what was typed still there', async () => {
  const site = await startSite();
  const email = '"><script>alert(1)</script>@example.com';
  const answer = await read(site.signUp('weekly', { email, name: '<b>Anna' }));
  expect(answer.status).toBe(422);
  expect(answer.html).not.toContain('<script>');
  expect(answer.html).not.toContain('<b>Anna');
  expect(answer.html).toContain('value="&lt;b&gt;Anna"');
  expect(answer.text).toContain('is not an email address');
});

test('a name of HTML and line breaks is text everywhere it is shown', async () => {
  const site = await startSite();
  const name = '<img src=x onerror=alert(1)>\r\nBcc: all@example.com';
  await site.signUp('weekly', { email: 'anna@example.com', name });
  const [mail] = await site.mails();
  expect(mail?.raw.toString()).not.toContain('Bcc:');
  const { subscriberId } = { subscriberId: (await showSubscriber(site.context, 'anna@example.com')).id };
  const page = await read(site.get(`/preferences/${site.signer.sign('preferences', [subscriberId, 0])}`));
  expect(page.html).not.toContain('<img');
  expect(page.html).toContain('value="&lt;img src=x onerror=alert(1)&gt; Bcc: all@example.com"');
});

test('a program that fills in every field is thanked and forgotten', async () => {
  const site = await startSite();
  const fields = { email: 'bot@example.com', website: 'https://spam.example.com' };
  expect((await site.post('/subscribe/weekly', fields)).status).toBe(200);
  expect(await site.mails()).toEqual([]);
  expect(await site.states('bot@example.com')).toEqual({});
});

test.each(['nope', '1', '..%2f', '%00', '%E0%A4%A'])('there is no list %s', async (slug) => {
  const site = await startSite();
  expect((await site.get(`/subscribe/${slug}`)).status).toBe(404);
  expect((await site.post(`/subscribe/${slug}`, { email: 'a@example.com' })).status).toBe(404);
});

test('a confirmation link expires after seven days, and the page sends another', async () => {
  const site = await startSite();
  await site.signUp('weekly', { email: 'anna@example.com' });
  const link = await mailedLink(site);
  site.context.clock.advance(7 * 24 * hours + 1_000);
  expect(await read(site.get(link))).toMatchObject({
    status: 410,
    text: expect.stringContaining('This link has expired'),
  });
  expect((await site.post(link)).status).toBe(410);
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'pending' });

  expect((await read(site.post(link, { action: 'resend' }))).text).toContain('Please look in your mail');
  const second = await mailedLink(site);
  expect(second).not.toBe(link);
  // Asking again within the hour sends nothing more.
  await site.post(link, { action: 'resend' });
  expect(await site.mails()).toHaveLength(2);
  await site.post(second);
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed' });
});

test('what was asked for within the same hour is offered after the first confirmation', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'daily');
  await unsubscribe(site.context, id, [site.daily.id], { via: 'page' });
  await site.signUp('weekly', { email: 'anna@example.com' });
  await site.signUp('daily', { email: 'anna@example.com' });
  expect(await site.mails()).toHaveLength(1);
  const page = await read(site.post(await mailedLink(site)));
  const other = /action="(\/confirm\/[\w-]+)"/.exec(page.html)?.[1] ?? '';
  expect(page.text).toContain('Subscribe to Daily too');
  expect((await site.post(other)).status).toBe(200);
  expect(await site.states('anna@example.com')).toEqual({ weekly: 'confirmed', daily: 'confirmed' });
});

test('a link for an erased person confirms nothing and says so', async () => {
  const site = await startSite();
  const token = site.signer.sign('confirm', [12_345, site.weekly.id, 4_000_000_000]);
  expect(await read(site.get(`/confirm/${token}`))).toMatchObject({
    status: 404,
    text: /nothing to confirm/,
  });
  expect((await site.post(`/confirm/${token}`)).status).toBe(404);
});

test('a mail server that is away costs the mail, not the page, and asking again works at once', async () => {
  let down = true;
  const sent: unknown[] = [];
  const site = await startSite(
    {},
    {
      letters: {
        ...noLetters,
        confirmation: async (about) => {
          if (down) throw new Error('connect ECONNREFUSED');
          sent.push(about);
          return true;
        },
      },
    },
  );
  expect((await site.signUp('weekly', { email: 'anna@example.com' })).status).toBe(200);
  await site.background.settle();
  down = false;
  await site.signUp('weekly', { email: 'anna@example.com' });
  await site.background.settle();
  expect(sent).toHaveLength(1);
});

test('a link to confirm a list that is archived since says so, and subscribes nobody', async () => {
  const site = await startSite();
  const { subscriberId } = await subscribe(site.context, {
    via: 'form',
    email: 'late@example.com',
    list: 'weekly',
  });
  const expires = Math.floor(site.context.clock.now().getTime() / 1000) + 3_600;
  const link = `/confirm/${site.signer.sign('confirm', [subscriberId ?? 0, site.weekly.id, expires])}`;
  await archiveList(site.context, 'weekly');
  for (const answer of [site.get(link), site.post(link)]) {
    const page = await read(answer);
    expect(page.status).toBe(410);
    expect(page.text).toContain('There is no such newsletter');
  }
  expect(await site.states('late@example.com')).toEqual({ weekly: 'pending' });
});
