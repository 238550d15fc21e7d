import dns from 'node:dns';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { expect, onTestFinished, test, vi } from 'vitest';
import { post } from '../../src/notify/post.ts';
import { fetchImage } from '../../src/rendering/fetch-image.ts';
import { fetchText } from '../../src/stories/fetch-stories.ts';
import { createTestContext } from '../support/context.ts';

// Both are on loopback, where servers of tests are; the fetch is told that one of them is public.
const publicAddress = '127.0.0.1';
const privateAddress = '127.0.0.2';
const isPublic = (address: string) => address === publicAddress;

/**
 * A public server and a private one at the same port, and a name whose address is another one each time it is looked up.
 * @param answers the addresses of each look-up in turn; the last one for all that follow
 */
async function changingName(answers: string[][], body: Buffer | string, type: string) {
  const asked: string[] = [];
  const serve = async (address: string, port: number) => {
    const server = createServer((request, response) => {
      asked.push(address);
      request.resume();
      response.setHeader('Content-Type', type);
      response.end(body);
    });
    // Where there is no second address of loopback, nothing answers there.
    await new Promise<void>((resolve) => server.on('error', () => resolve()).listen(port, address, resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  };
  const port = await serve(publicAddress, 0);
  await serve(privateAddress, port);
  const found = [...answers];
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((
    _name: string,
    options: dns.LookupOptions,
    callback: (error: null, address: string | dns.LookupAddress[], family?: number) => void,
  ) => {
    const addresses = (found.length > 1 ? found.shift() : found[0]) ?? [];
    if (options.all)
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      );
    else callback(null, addresses[0] ?? '', 4);
  }) as typeof dns.lookup);
  onTestFinished(() => lookup.mockRestore());
  return { url: `http://changing.example:${port}/`, asked, lookup };
}

const changing = [[publicAddress], [privateAddress]];

test('a feed is read from the address that was looked at, whatever its name says a moment later', async () => {
  const { url, asked, lookup } = await changingName(changing, 'A text', 'text/plain');
  const read = () => fetchText({ allowPrivateNetwork: false, isPublic }, url);
  expect(await read()).toMatchObject({ text: 'A text' });
  expect(lookup).toHaveBeenCalledTimes(1);
  await expect(read()).rejects.toThrow('changing.example is on a private network (127.0.0.2)');
  expect(asked).toEqual([publicAddress]);
});

test('so is a picture', async () => {
  const picture = await sharp({ create: { width: 400, height: 300, channels: 3, background: 'navy' } })
    .png()
    .toBuffer();
  const { url, asked } = await changingName(changing, picture, 'image/png');
  const context = await createTestContext({ allowPrivateNetwork: false });
  const config = { ...context.config, isPublic };
  const read = () => fetchImage({ config }, url, { timeoutMs: 5_000, shownWidth: 100 });
  expect(await read()).toMatchObject({ single: { width: 100 } });
  await expect(read()).rejects.toThrow('is on a private network');
  expect(asked).toEqual([publicAddress]);
});

test('and a webhook is told there', async () => {
  const { url, asked } = await changingName(changing, '', 'text/plain');
  const context = await createTestContext({ allowPrivateNetwork: false });
  const event = {
    id: 1,
    message_id: 'a',
    kind: 'subscriber.erased',
    subscriber_id: null,
    edition_id: null,
    email_hash: null,
    list_id: null,
    data: { via: 'admin' },
    at: context.clock.now(),
  };
  const tell = () =>
    post(context, { url, secret: Buffer.from('secret') }, { webhookId: 1, attempt: 1, event }, { isPublic });
  expect(await tell()).toMatchObject({ delivered: true });
  expect(await tell()).toMatchObject({
    delivered: false,
    detail: expect.stringContaining('on a private network'),
  });
  expect(asked).toEqual([publicAddress]);
});

test('of several addresses of a name only public ones are connected to', async () => {
  const { url, asked } = await changingName([[privateAddress, publicAddress]], 'A text', 'text/plain');
  expect(await fetchText({ allowPrivateNetwork: false, isPublic }, url)).toMatchObject({ text: 'A text' });
  expect(asked).toEqual([publicAddress]);
});
