import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { visitorAddress, visitorOf } from '../../src/web/visitor.ts';

/** Who a request is from, by the other end of its connection and what stands in X-Forwarded-For. */
async function whoIs(remote: string | undefined, forwarded?: string, trustedProxies?: string[]) {
  const app = new Hono();
  app.get('/', (c) =>
    c.json([visitorAddress(c, { trustedProxies }) ?? null, visitorOf(c, { trustedProxies })]),
  );
  const answer = await app.request(
    '/',
    { headers: forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded } },
    { incoming: { socket: { remoteAddress: remote } } },
  );
  return (await answer.json()) as [string | null, string];
}

test.each([
  ['203.0.113.7', undefined, '203.0.113.7'],
  // Whoever comes from the internet cannot choose who they are.
  ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:10.0.0.3', '198.51.100.1', '198.51.100.1'],
  // Only the proxy's own word counts, not what the visitor had written before it.
  ['10.0.0.3', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['10.0.0.3', '198.51.100.1, 10.0.0.4', '198.51.100.1'],
  ['10.0.0.3', '198.51.100.1:4711', '198.51.100.1'],
  ['10.0.0.3', '[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2:3:4:5:6'],
  ['10.0.0.3', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6'],
  ['10.0.0.3', 'unknown', '10.0.0.3'],
  ['10.0.0.3', '', '10.0.0.3'],
])('%s with X-Forwarded-For %s is %s', async (remote, forwarded, address) => {
  expect((await whoIs(remote, forwarded))[0]).toBe(address);
});

test('trusted proxies are those that are set, and no others', async () => {
  const proxies = ['203.0.113.0/24', '2001:db8::1'];
  expect((await whoIs('203.0.113.7', '198.51.100.1', proxies))[0]).toBe('198.51.100.1');
  expect((await whoIs('2001:db8::1', '198.51.100.1', proxies))[0]).toBe('198.51.100.1');
  expect((await whoIs('127.0.0.1', '198.51.100.1', proxies))[0]).toBe('127.0.0.1');
  expect((await whoIs('203.0.113.7', '198.51.100.1, 203.0.113.9', proxies))[0]).toBe('198.51.100.1');
});

test('a network of IPv6 is one visitor', async () => {
  const [, one] = await whoIs('2001:db8:1:2::1');
  expect((await whoIs('2001:db8:1:2:ffff::9'))[1]).toBe(one);
  expect((await whoIs('2001:db8:1:3::1'))[1]).not.toBe(one);
  expect((await whoIs(undefined))[1]).toBe('unknown');
});

test('TRUSTED_PROXIES takes addresses and networks, and says what it does not take', () => {
  const folder = import.meta.dirname;
  expect(loadConfig({}, folder).trustedProxies).toBeUndefined();
  expect(loadConfig({ TRUSTED_PROXIES: '203.0.113.7, 2001:db8::/32' }, folder).trustedProxies).toEqual([
    '203.0.113.7',
    '2001:db8::/32',
  ]);
  expect(() => loadConfig({ TRUSTED_PROXIES: 'proxy.example.com' }, folder)).toThrow(
    /TRUSTED_PROXIES: is not a list/,
  );
});
