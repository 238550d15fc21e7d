import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFeedback } from '../../src/feedback/parse.ts';
import { reasons } from '../../src/feedback/reasons.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name));
const text = (...lines: string[]) => Buffer.from(lines.join('\n'));

/** Kind, then a recipient each: address, status, reply, reason, and whether it is hard. */
type Understood = [kind: string, ...recipients: [string, string | null, number | null, string, boolean][]];

const mara = 'mara@reader.test';
const understood: Record<string, Understood> = {
  'dsn-unknown-user.eml': ['bounce', [mara, '5.1.1', 550, 'userunknown', true]],
  'dsn-full-mailbox-after-data.eml': ['bounce', [mara, '5.2.2', 552, 'mailboxfull', false]],
  'dsn-filter-pretends.eml': ['bounce', ['0701234567@mobile.test', '5.0.0', 550, 'filtered', false]],
  'dsn-delayed.eml': ['bounce', [mara, '4.4.1', null, 'expired', false]],
  'dsn-two-recipients.eml': [
    'bounce',
    [mara, '5.2.1', 550, 'suspend', false],
    ['tomas@reader.test', '5.1.1', 550, 'userunknown', true],
  ],
  'dsn-blocked-network.eml': ['bounce', [mara, '5.7.1', 554, 'blocked', false]],
  'dsn-no-boundary.eml': ['bounce', [mara, '5.1.2', 550, 'hostunknown', true]],
  'dsn-base64.eml': ['bounce', [mara, '5.3.4', 552, 'mesgtoobig', false]],
  'qmail.eml': [
    'bounce',
    [mara, null, 550, 'userunknown', true],
    ['tomas@reader.test', '5.7.1', 554, 'spamdetected', false],
  ],
  'exim.eml': ['bounce', [mara, '5.7.23', 550, 'authfailure', false]],
  'exim-warning.eml': ['bounce', [mara, '4.2.2', 452, 'mailboxfull', false]],
  'google.eml': ['bounce', [mara, '5.2.1', 550, 'suspend', false]],
  'exchange.eml': ['bounce', [mara, '5.1.10', 550, 'userunknown', true]],
  'notes.eml': ['bounce', [mara, null, null, 'userunknown', true]],
  'yahoo.eml': ['bounce', [mara, '5.7.9', 554, 'policyviolation', false]],
  'russian.eml': ['bounce', [mara, '5.1.1', 550, 'userunknown', true]],
  'japanese-full.eml': ['bounce', [mara, null, null, 'mailboxfull', false]],
  'sendmail-5.eml': [
    'bounce',
    [mara, null, 550, 'userunknown', true],
    ['tomas@gone.test', null, 550, 'hostunknown', true],
  ],
  'ses-notification.eml': ['bounce', [mara, '5.1.1', 550, 'userunknown', true]],
  'complaint.eml': ['complaint', [mara, null, null, 'feedback', false]],
  'complaint-microsoft.eml': ['complaint', [mara, null, null, 'feedback', false]],
};

test.each(Object.entries(understood))('%s is understood', (name, [kind, ...recipients]) => {
  const feedback = parseFeedback(fixture(name));
  expect(feedback.kind).toBe(kind);
  expect(
    feedback.recipients.map(({ address, status, reply, reason, hard }) => [
      address,
      status,
      reply,
      reason,
      hard,
    ]),
  ).toEqual(recipients);
  expect(feedback).toMatchObject({
    status: recipients[0]?.[1],
    reason: recipients[0]?.[3],
    hard: recipients[0]?.[4],
  });
});

describe('what must not count against an address', () => {
  test.each(['away.eml', 'away-german.eml'])('%s is an automatic answer', (name) => {
    expect(parseFeedback(fixture(name))).toMatchObject({
      kind: 'auto-reply',
      reason: 'vacation',
      hard: false,
    });
  });

  test.each([
    'person-about-bounces.eml',
    'parcel.eml',
    'postmaster-letter.eml',
    'newsletter.eml',
    'read-receipt.eml',
  ])('%s is none of ours', (name) => {
    expect(parseFeedback(fixture(name))).toMatchObject({ kind: 'other', recipients: [], reason: null });
  });

  test('a report of success is no bounce', () => {
    expect(parseFeedback(fixture('dsn-delivered.eml'))).toMatchObject({ kind: 'other', reason: 'delivered' });
  });

  test('praise is no complaint', () => {
    expect(parseFeedback(fixture('complaint-not-spam.eml'))).toMatchObject({
      kind: 'other',
      feedbackType: 'not-spam',
      reason: 'feedback',
    });
  });

  test('a delay is never hard, whatever its reason', () => {
    expect(parseFeedback(fixture('dsn-delayed-unknown-host.eml'))).toMatchObject({
      reason: 'hostunknown',
      hard: false,
    });
  });
});

test('a bounce tells where it came to and which message it returns', () => {
  const feedback = parseFeedback(fixture('qmail.eml'));
  expect(feedback.returnPaths).toContain('bounces+7-42-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@news.example.com');
  expect(feedback.messageIds).toEqual(['7-42-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@news.example.com']);
});

test('an automatic answer tells which message it answers', () => {
  expect(parseFeedback(fixture('away.eml')).messageIds).toEqual([
    '7-42-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@news.example.com',
  ]);
});

test('a notification of Amazon SES counts what may come back as soft', () => {
  const json = JSON.stringify({
    notificationType: 'Bounce',
    bounce: {
      bounceType: 'Transient',
      bounceSubType: 'MailboxFull',
      bouncedRecipients: [{ emailAddress: mara }],
    },
  });
  expect(parseFeedback(text('From: no-reply@sns.test', '', json))).toMatchObject({
    kind: 'bounce',
    reason: 'mailboxfull',
    hard: false,
  });
});

describe('hostile and broken messages', () => {
  const bounceHeaders = [
    'Return-Path: <>',
    'From: MAILER-DAEMON@relay.example.com',
    'Subject: Undelivered Mail Returned to Sender',
  ];

  test('a boundary that never comes leaves the report readable', () => {
    const feedback = parseFeedback(
      text(
        ...bounceHeaders,
        'Content-Type: multipart/report; boundary="lost"',
        '',
        '<mara@reader.test>: host mx.reader.test said: 550 5.1.1 user unknown (in reply to RCPT TO command)',
      ),
    );
    expect(feedback.recipients).toMatchObject([{ address: mara, reason: 'userunknown', hard: true }]);
  });

  test('a report that ends in the middle is read as far as it goes', () => {
    const whole = fixture('dsn-unknown-user.eml').toString();
    const cut = Buffer.from(whole.slice(0, whole.indexOf('Remote-MTA')));
    expect(parseFeedback(cut).recipients).toMatchObject([{ address: mara, reason: 'userunknown' }]);
  });

  test('thousands of nested parts are given up on, not followed', () => {
    const nested = Array.from(
      { length: 5_000 },
      (_, depth) => `Content-Type: multipart/mixed; boundary="b${depth}"\n\n--b${depth}\n`,
    ).join('');
    expect(parseFeedback(Buffer.from(nested)).kind).toBe('other');
  });

  test('five megabytes returned whole do not hide the reason', () => {
    const large = `${fixture('qmail.eml').toString()}\n${'lorem ipsum 550 <a@b.test>\n'.repeat(200_000)}`;
    expect(parseFeedback(Buffer.from(large)).recipients).toMatchObject([{ address: mara }, {}]);
  });

  test('thousands of recipients in one report are cut', () => {
    const fields = Array.from(
      { length: 5_000 },
      (_, index) => `Final-Recipient: rfc822; r${index}@reader.test\nAction: failed\nStatus: 5.1.1\n`,
    ).join('\n');
    const feedback = parseFeedback(
      text(
        ...bounceHeaders,
        'Content-Type: multipart/report; boundary=x',
        '',
        '--x',
        'Content-Type: message/delivery-status',
        '',
        fields,
        '--x--',
      ),
    );
    expect(feedback.recipients.length).toBe(500);
  });

  test('NUL, bytes of no charset and bare carriage returns are read over', () => {
    const feedback = parseFeedback(
      Buffer.concat([
        text(...bounceHeaders, 'Content-Type: text/plain; charset=x-made-up', '', ''),
        Buffer.from([0, 0xff, 0xfe, 0x0d]),
        text('<mara@reader.test>: 550 5.1.1 user\0 unknown'),
      ]),
    );
    expect(feedback.recipients).toMatchObject([{ address: mara, reason: 'userunknown' }]);
  });

  test.each([
    ['nothing', ''],
    ['blank lines', '\n\n\n'],
    ['no headers', 'just a line'],
    ['one header', 'From: a'],
  ])('%s is none of ours', (_, content) => {
    expect(parseFeedback(Buffer.from(content))).toMatchObject({ kind: 'other', recipients: [] });
  });

  test('whatever the bytes, it answers, and with words it knows', () => {
    const anyLine = fc.oneof(
      fc.constantFrom(
        ...bounceHeaders,
        'Content-Type: multipart/report; boundary=x',
        'Content-Type: message/delivery-status',
        'Content-Type: message/feedback-report',
        'Content-Type: message/rfc822',
        'Content-Transfer-Encoding: base64',
        'Final-Recipient: rfc822; a@b.test',
        'Status: 5.1.1',
        '--x',
        '--x--',
        '',
        '<a@b.test>: 550 no',
        '{"notificationType":"Bounce"',
      ),
      fc.string({ unit: 'binary', maxLength: 60 }),
    );
    const message = fc.array(anyLine, { maxLength: 40 }).map((lines) => Buffer.from(lines.join('\n')));
    fc.assert(
      fc.property(fc.oneof(message, fc.uint8Array({ maxLength: 2_000 })), (bytes) => {
        const feedback = parseFeedback(bytes);
        for (const { reason } of feedback.recipients) expect(reasons).toHaveProperty(reason);
        expect(['bounce', 'complaint', 'auto-reply', 'other']).toContain(feedback.kind);
      }),
      { numRuns: 200 },
    );
  });

  test('a damaged copy of any known message is answered', () => {
    const names = Object.keys(understood);
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 30 }),
        fc.nat(),
        (name, changes, end) => {
          const bytes = Buffer.from(fixture(name));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          parseFeedback(bytes.subarray(0, end % (bytes.length + 1)));
        },
      ),
      { numRuns: 500 },
    );
  });
});
