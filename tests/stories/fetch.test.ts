import {
  brotliCompressSync,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { expect, test } from 'vitest';
import { expectOk, guardedFetch } from '../../src/stories/fetch.ts';
import { isPublicAddress } from '../../src/stories/public-address.ts';
import { serve } from './serve.ts';

const open = { allowPrivateNetwork: true };
const guarded = { allowPrivateNetwork: false };

test('a body comes with its validators, and Broadsheet says who it is', async () => {
  const { url, requests } = await serve({
    '/': (_, response) =>
      response.writeHead(200, { etag: '"1"', 'last-modified': 'Tue, 24 Nov 2026 08:00:00 GMT' }).end('hello'),
  });
  const answer = await guardedFetch(open, url);
  expect(answer).toMatchObject({
    status: 200,
    etag: '"1"',
    lastModified: 'Tue, 24 Nov 2026 08:00:00 GMT',
    permanentUrl: undefined,
  });
  expect(answer.body.toString()).toBe('hello');
  expect(requests[0]?.headers['user-agent']).toMatch(/^Broadsheet\//);
});

test('what has not changed is not sent again', async () => {
  const { url } = await serve({
    '/': (request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end(),
  });
  expect(await guardedFetch(open, url, { etag: '"1"' })).toMatchObject({
    notModified: true,
    body: Buffer.alloc(0),
  });
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
])('%s is decompressed', async (encoding, compress) => {
  const text = 'a quiet harbour '.repeat(5_000);
  const { url } = await serve({
    '/': (_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress(Buffer.from(text))),
  });
  expect((await guardedFetch(open, url)).body.toString()).toBe(text);
});

test('a gzip file that is served as such is decompressed', async () => {
  const { url } = await serve({ '/': gzipSync('<urlset/>') });
  expect((await guardedFetch(open, url)).body.toString()).toBe('<urlset/>');
});

test.each(['gzip', 'deflate', 'br', 'zstd'])('wrong %s data is refused in a sentence', async (encoding) => {
  const { url } = await serve({
    '/': (_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('this is plain'),
  });
  await expect(guardedFetch(open, `${url}/`)).rejects.toThrow(`${url}/ is broken: its compressed data`);
});

test('a gzip body that ends early is refused', async () => {
  const whole = gzipSync(Buffer.from('a quiet harbour '.repeat(5_000)));
  const { url } = await serve({
    '/': (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(whole.subarray(0, whole.length - 20)),
  });
  await expect(guardedFetch(open, url)).rejects.toThrow('ends early');
});

test('five gigabytes of zeros in gzip are cut off at 10 MB, and cost no memory', async () => {
  let sent = 0;
  const { url } = await serve({
    '/': (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const gzip = createGzip();
      gzip.on('error', () => {});
      gzip.pipe(response);
      const zeros = Buffer.alloc(1_000_000);
      const more = () => {
        while (sent < 5_000 && !response.destroyed) {
          sent++;
          if (!gzip.write(zeros)) return gzip.once('drain', more);
        }
        gzip.end();
      };
      response.on('close', () => gzip.destroy());
      more();
    },
  });
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().external;
  await expect(guardedFetch({ ...open, timeoutMs: 60_000 }, `${url}/`)).rejects.toThrow(
    `${url}/ is larger than 10 MB`,
  );
  const grown = process.memoryUsage().arrayBuffers + process.memoryUsage().external - before;
  expect(sent).toBeLessThan(2_500);
  expect(grown).toBeLessThan(150_000_000);
});

test('an endless body is cut off at the limit', async () => {
  const { url } = await serve({
    '/': (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    },
  });
  await expect(guardedFetch({ ...open, maxBytes: 300_000 }, url)).rejects.toThrow('is larger than 0.3 MB');
});

test('a body that says it is too large is not read', async () => {
  const { url } = await serve({
    '/': (_, response) => response.writeHead(200, { 'content-length': 20_000_000 }).write('x'),
  });
  await expect(guardedFetch(open, url)).rejects.toThrow('is larger than 10 MB');
});

test.each([
  ['never answers', (): void => {}],
  [
    'sends its body a byte at a time',
    (response: import('node:http').ServerResponse): void => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    },
  ],
])('a server that %s is given up when the time is over', async (_, answer) => {
  const { url } = await serve({ '/': (_request, response) => answer(response) });
  await expect(guardedFetch({ ...open, timeoutMs: 200 }, `${url}/`)).rejects.toThrow(
    `${url}/ did not answer in full within 0.2 seconds`,
  );
});

test('redirects share the time limit', async () => {
  const { url } = await serve({
    '*': (request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 80);
    },
  });
  await expect(guardedFetch({ ...open, timeoutMs: 200 }, url)).rejects.toThrow('within 0.2 seconds');
});

test('permanent redirects name the new address, up to the first temporary one', async () => {
  const to =
    (status: number, location: string) => (_: unknown, response: import('node:http').ServerResponse) =>
      response.writeHead(status, { location }).end();
  const { url } = await serve({
    '/a': to(301, '/b'),
    '/b': to(308, '/c'),
    '/c': to(302, '/d'),
    '/d': to(301, '/e'),
    '/e': 'end',
  });
  expect(await guardedFetch(open, `${url}/a`)).toMatchObject({
    finalUrl: `${url}/e`,
    permanentUrl: `${url}/c`,
  });
  expect(await guardedFetch(open, `${url}/c`)).toMatchObject({
    finalUrl: `${url}/e`,
    permanentUrl: undefined,
  });
});

test('a redirect loop ends after five', async () => {
  const { url, requests } = await serve({
    '/a': (_, response) => response.writeHead(302, { location: '/a' }).end(),
  });
  await expect(guardedFetch(open, `${url}/a`)).rejects.toThrow(`${url}/a redirects more than 5 times`);
  expect(requests).toHaveLength(6);
});

test.each(['file:///etc/passwd', 'gopher://example.com/', 'javascript:alert(1)'])(
  'a redirect to %s is refused',
  async (location) => {
    const { url } = await serve({ '/': (_, response) => response.writeHead(302, { location }).end() });
    await expect(guardedFetch(open, url)).rejects.toThrow('redirects to something that is no web address');
  },
);

test.each(['ftp://example.com/feed', 'file:///etc/passwd', 'data:text/plain,x'])(
  '%s is not fetched',
  async (url) => {
    await expect(guardedFetch(open, url)).rejects.toThrow('only http and https addresses can');
  },
);

test.each([
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[fe80::1]/',
  'http://[fd00::1]/',
  'http://10.1.2.3/',
  'http://169.254.169.254/latest/meta-data/',
  'http://100.64.0.1/',
  'http://0.0.0.0/',
  'http://224.0.0.1/',
])('%s is private, and is not fetched', async (url) => {
  await expect(guardedFetch(guarded, url)).rejects.toThrow('is on a private network');
});

test('a name that resolves to loopback is refused when connecting', async () => {
  const { port, requests } = await serve({ '*': 'secret' });
  await expect(guardedFetch(guarded, `http://localhost:${port}/`)).rejects.toThrow(
    /localhost is on a private network \((127\.0\.0\.1|::1)\)/,
  );
  expect(requests).toHaveLength(0);
});

test.each(['127.0.0.1', 'localhost', '[::1]', '169.254.169.254'])(
  'a public server cannot redirect us to %s',
  async (host) => {
    const secret = await serve({ '*': 'secret' });
    const { url, requests } = await serve({
      '/': (_, response) => response.writeHead(302, { location: `http://${host}:${secret.port}/` }).end(),
    });
    // The first server passes for a public one; after that, what is public is judged as always.
    let hops = 0;
    const isPublic = (address: string) => hops++ === 0 || isPublicAddress(address);
    await expect(guardedFetch({ allowPrivateNetwork: false, isPublic }, url)).rejects.toThrow(
      'is on a private network',
    );
    expect(requests).toHaveLength(1);
    expect(secret.requests).toHaveLength(0);
  },
);

test('the public addresses of the Internet are not taken for private', () => {
  expect(['93.184.215.14', '2606:4700::1111'].map(isPublicAddress)).toEqual([true, true]);
});

test.each([
  '::127.0.0.1',
  '2002:7f00:1::',
  '2001::1',
  '192.88.99.1',
  '240.0.0.1',
  'example.com',
  '',
  '4000::1',
])('%s is no public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test('a password in the address is used, but neither shown nor carried to another host', async () => {
  const other = await serve({ '/': 'other' });
  const { port, requests } = await serve({
    '/': (_, response) => response.writeHead(302, { location: `http://localhost:${other.port}/` }).end(),
    '/gone': (_, response) => response.writeHead(410).end(),
  });
  await guardedFetch(open, `http://ann:s3cret@127.0.0.1:${port}/`);
  expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('ann:s3cret').toString('base64')}`);
  expect(other.requests[0]?.headers.authorization).toBeUndefined();
  const answer = await guardedFetch(open, `http://ann:s3cret@127.0.0.1:${port}/gone`);
  expect(() => expectOk(answer)).toThrow(/ann:\*\*\*@.* is gone for good/);
});

test.each([
  ['http://127.0.0.1:1/', 'nothing answers there'],
  ['http://no-such-host.test/', /no server of that name|could not be looked up/],
])('%s fails with a sentence', async (url, reason) => {
  await expect(guardedFetch(open, url)).rejects.toThrow(reason);
});
