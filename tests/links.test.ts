import { expect, test } from 'vitest';
import { createLinkSigner, linkSigner } from '../src/links.ts';
import { createTestContext } from './support/context.ts';

const signer = createLinkSigner('x'.repeat(32));

test('a signed link gives back its numbers', () => {
  expect(signer.verify('unsubscribe', signer.sign('unsubscribe', [12, 345]))).toEqual([12, 345]);
});

test('a link for one purpose is refused for another', () => {
  expect(signer.verify('preferences', signer.sign('unsubscribe', [12, 345]))).toBeUndefined();
});

test.each(['', '-', '12-345', '1e3-0', '12-345-zz', '../12', `12-${'9'.repeat(400)}`])(
  '%s is no link',
  (token) => {
    expect(signer.verify('unsubscribe', token)).toBeUndefined();
  },
);

test('a changed number breaks the signature', () => {
  const token = signer.sign('unsubscribe', [12, 345]);
  expect(signer.verify('unsubscribe', token.replace('345', '346'))).toBeUndefined();
});

test('every process of an installation signs with the same secret', async () => {
  const context = await createTestContext({ secret: undefined });
  const [one, two] = await Promise.all([linkSigner(context), linkSigner(context)]);
  expect(two.verify('view', one.sign('view', [7]))).toEqual([7]);
});
