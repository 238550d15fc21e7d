import { expect, test } from 'vitest';
import { addressHeader, header, mailbox } from '../../src/rendering/headers.ts';

test('an address beyond ASCII stands as it is, and its name is encoded once', () => {
  expect(addressHeader('To', mailbox('Jörg Müller', 'jörg@exämple.test'))).toBe(
    `To: =?UTF-8?B?${Buffer.from('Jörg Müller').toString('base64')}?= <jörg@exämple.test>\r\n`,
  );
  expect(addressHeader('To', mailbox(null, 'jörg@exämple.test'))).toBe('To: jörg@exämple.test\r\n');
});

test('no value adds a header of its own', () => {
  expect(addressHeader('To', mailbox('A\r\nBcc: x@example.com', 'a@example.com\r\nBcc: y@example.com'))).toBe(
    'To: "A Bcc: x@example.com" <a@example.comBcc:y@example.com>\r\n',
  );
  expect(header('Subject', 'one\r\nBcc: x@example.com')).toBe('Subject: one Bcc: x@example.com\r\n');
});
