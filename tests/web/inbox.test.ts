import { expect, test } from 'vitest';
import { read, startSite } from './site.ts';

const from = 'desk@news.example.com';

test('caught mail is listed newest first, searched, and paged', async () => {
  const site = await startSite();
  for (let index = 1; index <= 120; index += 1)
    await site.context.db
      .insertInto('inbox_messages')
      .values({
        received_at: site.context.clock.now(),
        mail_from: from,
        rcpt_to: [`reader${index}@example.com`],
        subject: index === 7 ? '100% <b>sale</b>' : `Mail ${index}`,
        raw: Buffer.from('x'),
      })
      .execute();
  const subjects = async (path: string) =>
    [...(await read(site.get(path))).html.matchAll(/class="subject">([^<]*)</g)].map((match) => match[1]);
  const link = async (path: string, name: string) =>
    new RegExp(`href="([^"]+)">${name}<`)
      .exec((await read(site.get(path))).html)?.[1]
      ?.replaceAll('&amp;', '&');

  expect((await subjects('/inbox')).slice(0, 2)).toEqual(['Mail 120', 'Mail 119']);
  const second = (await link('/inbox', 'Older')) ?? '';
  expect((await subjects(second))[0]).toBe('Mail 70');
  const third = (await link(second, 'Older')) ?? '';
  expect(await subjects(third)).toHaveLength(20);
  expect(await link(third, 'Older')).toBeUndefined();
  const back = (await link(third, 'Newer')) ?? '';
  expect((await subjects(back))[0]).toBe('Mail 70');
  expect(await link('/inbox', 'Newer')).toBeUndefined();

  expect(await subjects('/inbox?search=100%25')).toEqual(['100% &lt;b&gt;sale&lt;/b&gt;']);
  expect(await subjects('/inbox?search=READER42@')).toEqual(['Mail 42']);
  expect((await read(site.get('/inbox?search=nothing+like+it'))).text).toContain('No mail has that');
  expect((await site.get('/inbox?before=abc&after=-5&search=%00')).status).toBe(200);
});

test('a mail is shown as HTML, text, headers and source, and nothing in it runs', async () => {
  const site = await startSite();
  await site.transport.transporter.sendMail({
    from: { name: '<script>x', address: from },
    to: 'anna@example.com',
    subject: '<script>alert(1)</script>',
    html: '<html><head><title>x</title></head><body><h1>Hi</h1><script>alert(1)</script><img src="cid:pic"></body></html>',
    text: 'Hi <b>there</b>',
    attachments: [{ filename: 'pic.png', cid: 'pic', content: Buffer.from('png'), contentType: 'image/png' }],
  });
  const [{ id = 0 } = {}] = await site.mails();
  const page = await read(site.get(`/inbox/${id}`));
  expect(page.html).not.toContain('<script');
  expect(page.html).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"');
  expect(page.text).toContain('pic.png');

  const response = await site.get(`/inbox/${id}/html`);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('sandbox allow-popups');
  expect(policy).not.toMatch(/script-src|allow-scripts|allow-same-origin/);
  expect(policy).toContain("frame-ancestors 'self'");
  const html = await response.text();
  expect(html).toContain('<head><base target="_blank">');
  expect(html).toContain('src="data:image/png;base64,');

  expect((await read(site.get(`/inbox/${id}?view=text`))).html).toContain('Hi &lt;b&gt;there&lt;/b&gt;');
  expect((await read(site.get(`/inbox/${id}?view=headers`))).text).toContain('MIME-Version: 1.0');
  const source = await read(site.get(`/inbox/${id}?view=source`));
  expect(source.html).toContain('&lt;h1&gt;Hi');
  const raw = await site.get(`/inbox/${id}/raw`);
  const stored = (await site.mails())[0]?.raw;
  expect(Buffer.from(await raw.arrayBuffer()).equals(stored ?? Buffer.alloc(0))).toBe(true);
  expect(raw.headers.get('content-disposition')).toContain('attachment');
});

test.each(['/inbox/999', '/inbox/999/html', '/inbox/999/raw', '/inbox/abc', '/inbox/-1'])(
  '%s is a 404',
  async (path) => {
    const site = await startSite();
    expect((await site.get(path)).status).toBe(404);
  },
);

test('the inbox is closed when mail goes to a real server', async () => {
  const site = await startSite({ smtpUrl: 'smtp://mail.example.com' });
  expect((await site.get('/inbox')).status).toBe(404);
});

test('the inbox is closed to other machines, to proxies and to names that point here', async () => {
  const site = await startSite();
  const from = (remoteAddress: string | undefined, url = 'http://localhost:8080/inbox', headers = {}) =>
    site.app.request(url, { headers }, { incoming: { socket: { remoteAddress } } });
  expect((await from('127.0.0.1')).status).toBe(200);
  expect((await from('::1')).status).toBe(200);
  expect((await from('::ffff:127.0.0.1')).status).toBe(200);
  expect((await from('203.0.113.7')).status).toBe(404);
  expect((await from('192.168.1.20')).status).toBe(404);
  expect((await from(undefined)).status).toBe(404);
  expect((await from('127.0.0.1', 'http://evil.example.com/inbox')).status).toBe(404);
  expect((await from('127.0.0.1', undefined, { 'x-forwarded-for': '203.0.113.7' })).status).toBe(404);

  const demo = await startSite({}, { inbox: 'anyone' });
  const answer = await demo.app.request(
    '/inbox',
    {},
    { incoming: { socket: { remoteAddress: '203.0.113.7' } } },
  );
  expect(answer.status).toBe(200);
});
