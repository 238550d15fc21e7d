import { expect, test } from 'vitest';
import { deliveryOf, readReturnPath } from '../../src/feedback/return-path.ts';
import { createLinkSigner } from '../../src/links.ts';

const signer = createLinkSigner('s'.repeat(32));
const token = signer.sign('bounce', [7, 42]);
const delivery = { editionId: 7, subscriberId: 42 };

test('a return path of ours gives back its delivery, in whatever case it comes', () => {
  expect(readReturnPath(signer, `bounces+${token}@news.example.com`)).toEqual({
    ...delivery,
    purpose: 'bounce',
  });
  expect(readReturnPath(signer, `BOUNCES+${token.toUpperCase()}@NEWS.EXAMPLE.COM`)).toEqual({
    ...delivery,
    purpose: 'bounce',
  });
});

test('the address that unsubscribes by mail is told from the one for bounces', () => {
  expect(readReturnPath(signer, `bounces+u${token}@news.example.com`)).toEqual({
    ...delivery,
    purpose: 'unsubscribe',
  });
});

test.each([
  'bounces@news.example.com',
  'bounces+7-42-00@news.example.com',
  `bounces+${token.replace('7-42', '7-43')}@news.example.com`,
  `bounces+${createLinkSigner('t'.repeat(32)).sign('bounce', [7, 42])}@news.example.com`,
  `bounces+${signer.sign('unsubscribe', [7, 42])}@news.example.com`,
  `bounces+${signer.sign('bounce', [7])}@news.example.com`,
  '',
  '+@',
])('%s is no return path of ours', (address) => {
  expect(readReturnPath(signer, address)).toBeUndefined();
});

test('a delivery is found by its return path first, then by its Message-ID', () => {
  const other = signer.sign('bounce', [8, 43]);
  expect(
    deliveryOf(signer, {
      returnPaths: ['post@news.example.com', `bounces+${token}@news.example.com`],
      messageIds: [`${other}@news.example.com`],
    }),
  ).toEqual(delivery);
  expect(
    deliveryOf(signer, { returnPaths: [], messageIds: ['x@y.test', `${token}@news.example.com`] }),
  ).toEqual(delivery);
});

test('mail to the unsubscribe address is not about a bounced delivery', () => {
  expect(
    deliveryOf(signer, { returnPaths: [`bounces+u${token}@news.example.com`], messageIds: [] }),
  ).toBeUndefined();
});
