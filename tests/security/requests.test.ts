import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { seedNewsletter } from '../support/seed.ts';
import { startSite } from '../web/site.ts';
import { startHostileSite } from './hostile-site.ts';

const statusesIn = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

test('a request that two servers could read in two ways is refused, and nothing hidden in it is answered', async () => {
  const { raw, url } = await startHostileSite();
  const host = new URL(url).host;
  const hidden = `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const post = `POST /subscribe/x HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  const refused = {
    'two lengths': `${post}Content-Length: 4\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    'a length and chunks': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'chunks by another name': `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    'a length with a sign': `${post}Content-Length: +4\r\n\r\na=bc${hidden}`,
    'a space before the colon': `${post}Content-Length : 4\r\n\r\na=bc`,
    'a header that goes on in the next line': `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: 1\r\n 2: 3\r\nContent-Length\r\n\r\n`,
    'a bare line end': `GET / HTTP/1.1\nHost: ${host}\nX-A: 1\r\n\r\n`,
    'no host': `GET /health/live HTTP/1.1\r\n\r\n`,
    'a NUL in a header': `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: a\u0000b\r\n\r\n`,
    'headers of 20 KB': `GET / HTTP/1.1\r\nHost: ${host}\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
  };
  const answers = await Promise.all(
    Object.entries(refused).map(async ([name, bytes]) => [name, statusesIn(await raw(bytes))] as const),
  );
  for (const [name, statuses] of answers) {
    expect(statuses.length, `${name}: ${statuses}`).toBeLessThanOrEqual(1);
    for (const status of statuses) expect(status, name).toBeGreaterThanOrEqual(400);
  }
  // Two requests in one go are two requests, and the server goes on.
  expect(statusesIn(await raw(hidden + hidden.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')))).toEqual(
    [200, 200],
  );
});

test('odd hosts, paths and methods are answered without a fault of ours and without anything of theirs in a header', async () => {
  const { raw, url } = await startHostileSite();
  const host = new URL(url).host;
  const lines = [
    ...['a b', '[', '..', 'a@b', '%00', `${host}, evil.example`, 'evil.example:99999', '\u00e9', ''].map(
      (each) => `GET /desk/login HTTP/1.1\r\nHost: ${each}\r\n`,
    ),
    ...[
      '/desk/assets/../../../../etc/passwd',
      '/desk/assets/x/..%2f..%2f..%2fetc%2fpasswd',
      '/assets/brand/..%2f..%2fpackage.json',
      '/i/..%2f..%2f..%2fetc%2fpasswd',
      '/i/%2e%2e%5c%2e%2e%5cpackage.json',
      '/archive/..%2f..%2f.env',
      '/%ff%fe',
      '/%',
      '//evil.example/%2f..',
      '/desk/%0d%0aSet-Cookie:%20a=b',
      '/\\evil.example',
      'http://evil.example/desk/login',
      'http://[/',
      '*',
    ].map((each) => `GET ${each} HTTP/1.1\r\nHost: ${host}\r\n`),
    ...['TRACE', 'CONNECT', 'PROPFIND', 'FOO'].map((each) => `${each} / HTTP/1.1\r\nHost: ${host}\r\n`),
  ];
  const answers = await Promise.all(
    lines.map(async (line) => [line, await raw(`${line}Connection: close\r\n\r\n`)] as const),
  );
  for (const [line, answer] of answers) {
    const [status = 0] = statusesIn(answer);
    expect(status, `${line} ${answer.slice(0, 300)}`).toBeLessThan(500);
    expect(answer, line).not.toMatch(/root:x:0|"dependencies"|DATABASE_URL=/);
    const head = answer.split('\r\n\r\n')[0] ?? '';
    expect(head, line).not.toMatch(/^set-cookie: a=b|^location: *(https?:)?[/\\]{2}(?!127\.0\.0\.1)/im);
  }
});

test('no link in a mail and no redirect leads to a host that a request names', {
  timeout: 120_000,
}, async () => {
  const site = await startSite({ publicUrl: 'https://news.example.com' });
  const { context, url } = site;
  await site.person('known@example.com', 'weekly');
  const forged = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-server': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example;proto=http',
    'x-original-url': '/inbox',
    'x-rewrite-url': '/inbox',
    'x-http-method-override': 'DELETE',
  };
  const { request } = await import('undici');
  const ask = async (path: string, fields?: Record<string, string>) => {
    const answer = await request(url + path, {
      method: fields ? 'POST' : 'GET',
      headers: { ...forged, ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }) },
      ...(fields && { body: new URLSearchParams(fields).toString() }),
    });
    return { status: answer.statusCode, headers: answer.headers, html: await answer.body.text() };
  };
  const form = await ask('/subscribe/weekly');
  context.clock.advance(5_000);
  const stamp = /name="stamp" value="([^"]+)"/.exec(form.html)?.[1] ?? '';
  const answers = [
    form,
    await ask('/subscribe/weekly', { stamp, email: 'new@example.com' }),
    await ask('/preferences'),
    await ask('/data'),
    await ask('/data', { email: 'known@example.com' }),
    await ask('/'),
  ];
  for (const { headers, html } of answers) {
    expect(html).not.toContain('evil.example');
    expect(String(headers.location ?? '')).not.toContain('evil.example');
  }
  const mails = await site.mails();
  expect(mails.length).toBeGreaterThan(0);
  for (const { raw } of mails) {
    expect(raw.toString()).not.toContain('evil.example');
    expect(raw.toString()).toContain('https://news.example.com/');
  }
});

test('numbers that follow each other open nothing to strangers: what belongs to somebody has a signed name', async () => {
  const { context, stranger } = await startHostileSite();
  await seedNewsletter(context, []);
  const browser = stranger();
  for (const path of [
    'view',
    'preferences',
    'unsubscribe',
    'confirm',
    'data',
    'stay',
    'read',
    'share',
    'c',
    'o',
  ])
    for (const name of ['1', '1-1', '1-1-', `1-1-${'0'.repeat(30)}`, `1-${'0'.repeat(30)}`, '1/1', '1.gif']) {
      const { status, html } = await browser.get(`/${path}/${name}`);
      if (path !== 'o') expect(status, `/${path}/${name}`).toBeGreaterThanOrEqual(400);
      expect(html).not.toContain('@example.com');
    }
  for (const path of ['/desk', '/desk/editions/1', '/desk/users', '/desk/stories', '/desk/reports'])
    expect(await browser.get(path), path).toMatchObject({
      status: expect.toBeOneOf([302, 303]),
      to: expect.stringMatching(/^\/desk\/login/),
    });
});

test('nothing outside is asked for what a request says, unless it is a public address', {
  timeout: 180_000,
}, async () => {
  const { browser, context, url } = await startHostileSite({ allowPrivateNetwork: false });
  let asked = 0;
  const secret = createServer((_, response) => {
    asked++;
    response.end('<rss version="2.0"><channel><title>Secret</title></channel></rss>');
  });
  await new Promise<void>((resolve) => secret.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void secret.close());
  const { port } = secret.address() as { port: number };
  const hosts = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0',
    'localhost',
    'localhost.',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    'user@127.0.0.1',
  ];
  const urls = [
    ...hosts.map((host) => `http://${host}:${port}/`),
    `file://${packageRoot}/package.json`,
    'gopher://127.0.0.1:25/_HELO',
    'ftp://127.0.0.1/',
    'data:text/xml,<rss/>',
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.google.internal/',
  ];
  for (const each of urls) {
    const page = await browser.get(`/desk/sources/look?${new URLSearchParams({ address: each, url: each })}`);
    expect(page.status, each).toBeLessThan(500);
    const posted = await browser.post('/desk/sources/look', { address: each });
    expect(posted.status, each).toBeLessThan(500);
    expect(posted.html, each).not.toMatch(/Secret|"dependencies"/);
    const webhook = await fetch(`${url}/api/stories`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ title: 'A', url: 'https://a.example.com/1', imageUrl: each }),
    });
    expect(webhook.status, each).toBeLessThan(500);
  }
  expect(asked).toBe(0);
  expect(await context.db.selectFrom('sources').select('id').execute()).toEqual([]);
});

test('a call to the API cannot choose which file of the server is run as a theme', async () => {
  const { url } = await startHostileSite();
  const folder = join(packageRoot, 'emails/themes/magazine');
  const make = (theme: string) =>
    fetch(`${url}/api/newsletters`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ slug: 'x', name: 'X', from: 'a@example.com', cron: '0 7 * * *', theme }),
    }).then(({ status }) => status);
  for (const theme of [folder, './emails/themes/magazine', '../magazine', 'magazine/../magazine'])
    expect(await make(theme), theme).toBe(400);
  expect(await make('magazine')).toBe(201);
});
