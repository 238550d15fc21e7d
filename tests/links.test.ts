import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createLinkSigner, linkSigner } from '../src/links.ts';
import { createTestContext } from './support/context.ts';

const signer = createLinkSigner('x'.repeat(32));

test('a signed link gives back its numbers', () => {
  expect(signer.verify('unsubscribe', signer.sign('unsubscribe', [12, 345]))).toEqual([12, 345]);
});

test.each([
  'x'.repeat(32),
  'a-secret-that-is-longer-than-one-block-of-the-hash-'.repeat(2),
  'schlüssel-mit-umlauten-in-utf-8-ä',
])('links are signed as HMAC with SHA-256 asks (RFC 2104), with the secret %s', (secret) => {
  const mac = createHmac('sha256', secret).update('unsubscribe:12-345').digest('hex').slice(0, 30);
  expect(createLinkSigner(secret).sign('unsubscribe', [12, 345])).toBe(`12-345-${mac}`);
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
