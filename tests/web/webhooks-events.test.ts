import { expect, test } from 'vitest';
import { snsMessage, startHooks } from './webhooks.ts';

type Hooks = Awaited<ReturnType<typeof startHooks>>;

/** What each case came to: kind, reason and whom it is about. */
async function recorded({ events, subscriberIds }: Hooks) {
  return (await events()).map(({ kind, reason, action, subscriber_id }) => [
    kind,
    reason,
    action,
    subscriberIds.indexOf(subscriber_id ?? -1),
  ]);
}

test('Amazon SES: the return path names the delivery, or the Message-ID among the headers', async () => {
  const hooks = await startHooks({}, { readers: 7 });
  const { returnPath, messageId, token, postSns, suppressions } = hooks;
  const bounced = (
    reader: number,
    bounceType: string,
    diagnosticCode: string,
    mail: object,
    bounceSubType = 'General',
  ) => ({
    notificationType: 'Bounce',
    bounce: {
      bounceType,
      bounceSubType,
      bouncedRecipients: [
        { emailAddress: `reader${reader + 1}@example.com`, action: 'failed', diagnosticCode },
      ],
      timestamp: '2026-11-24T07:50:00.000Z',
      feedbackId: `feedback-${reader}`,
    },
    mail,
  });
  const unknown = 'smtp; 550 5.1.1 user unknown';
  const all = [
    bounced(0, 'Permanent', unknown, { source: returnPath(0) }),
    bounced(1, 'Permanent', unknown, {
      source: 'news@harbour.example.com',
      headers: [{ name: 'Message-ID', value: `<${messageId(1)}>` }],
    }),
    bounced(2, 'Transient', 'smtp; 452 4.2.2 mailbox full', { source: `News <${returnPath(2)}>` }),
    bounced(
      3,
      'Permanent',
      'Amazon SES did not send the message to this address because it is on the suppression list for your account.',
      { tags: { delivery: [token(3)] } },
      'OnAccountSuppressionList',
    ),
    {
      eventType: 'Complaint',
      complaint: {
        complainedRecipients: [{ emailAddress: 'reader5@example.com' }],
        complaintFeedbackType: 'abuse',
        feedbackId: 'feedback-4',
      },
      mail: { source: returnPath(4) },
    },
    {
      eventType: 'Complaint',
      complaint: { complainedRecipients: [{ emailAddress: 'a@b.test' }], complaintFeedbackType: 'not-spam' },
      mail: { source: returnPath(5) },
    },
    {
      eventType: 'Subscription',
      subscription: { newTopicPreferences: { unsubscribeAll: true } },
      mail: { source: returnPath(6) },
    },
    { eventType: 'Delivery', delivery: { recipients: ['a@b.test'] }, mail: { source: returnPath(5) } },
    { eventType: 'Bounce', bounce: { bounceType: 7 } },
  ];
  for (const [index, content] of all.entries()) {
    const answer = await postSns(
      snsMessage({ MessageId: `message-${index}`, Message: JSON.stringify(content) }),
    );
    expect(answer.body).toMatchObject({ broken: index === 8 ? 1 : 0, failed: 0 });
  }
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['hard', 'userunknown', 'suppressed', 1],
    ['soft', 'mailboxfull', 'counted', 2],
    ['hard', 'userunknown', 'suppressed', 3],
    ['complaint', 'feedback', 'unsubscribed', 4],
    ['unsubscribe', null, 'unsubscribed', 6],
  ]);
  // The same again, as SNS may send it twice.
  const again = snsMessage({ MessageId: 'message-x', Message: JSON.stringify(all[0]) });
  expect((await postSns(again)).body).toMatchObject({ recorded: 0, repeated: 1 });
  expect((await suppressions()).filter(({ reason }) => reason === 'bounce')).toHaveLength(3);
});

test('Postmark: the metadata names the delivery', async () => {
  const hooks = await startHooks({}, { readers: 8 });
  const { token, postSecret } = hooks;
  const record = (reader: number, fields: object) => ({
    RecordType: 'Bounce',
    ID: 1_000 + reader,
    Email: `reader${reader + 1}@example.com`,
    BouncedAt: '2026-11-24T07:50:00.9070259Z',
    Metadata: { Delivery: token(reader) },
    ...fields,
  });
  for (const content of [
    record(0, { Type: 'HardBounce', Details: 'smtp;550 5.1.1 The email account does not exist' }),
    record(1, { Type: 'HardBounce', Details: 'smtp;554 5.7.1 Message rejected as spam' }),
    record(2, { Type: 'SoftBounce', Details: 'smtp;552 5.2.2 Mailbox full' }),
    record(3, { Type: 'SpamNotification', Description: 'The message was delivered, but was either blocked' }),
    record(4, { RecordType: 'SpamComplaint', Type: 'SpamComplaint' }),
    record(5, { Type: 'AutoResponder' }),
    record(6, {
      RecordType: 'SubscriptionChange',
      ID: undefined,
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
      Origin: 'Recipient',
      Recipient: 'reader7@example.com',
    }),
    record(7, { Type: 'HardBounce', Details: '' }),
    record(7, { RecordType: 'Open' }),
    record(7, { Type: 'ManuallyDeactivated' }),
  ])
    expect((await postSecret('postmark', content)).status).toBe(200);
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['block', 'spamdetected', 'nothing', 1],
    ['soft', 'mailboxfull', 'counted', 2],
    ['block', expect.any(String), 'nothing', 3],
    ['complaint', 'feedback', 'unsubscribed', 4],
    ['auto-reply', 'vacation', 'nothing', 5],
    ['unsubscribe', null, 'unsubscribed', 6],
    ['hard', 'userunknown', 'suppressed', 7],
  ]);
});

test('SendGrid: the Message-ID or a unique argument names the delivery', async () => {
  const hooks = await startHooks({}, { readers: 8 });
  const { messageId, token, seconds, postSendgrid } = hooks;
  const event = (reader: number, fields: object) => ({
    email: `reader${reader + 1}@example.com`,
    timestamp: seconds() - 60,
    'smtp-id': `<${messageId(reader)}>`,
    sg_event_id: `event-${reader}`,
    ...fields,
  });
  const bounced = { event: 'bounce', type: 'bounce', status: '5.1.1' };
  const list = [
    event(0, { ...bounced, reason: '550 5.1.1 no such user', bounce_classification: 'Invalid Address' }),
    event(1, { ...bounced, reason: '500 unknown recipient', 'smtp-id': undefined, delivery: token(1) }),
    event(2, {
      event: 'bounce',
      type: 'blocked',
      status: '4.7.1',
      reason: '421 4.7.1 IP address is on a blocklist',
    }),
    event(3, {
      ...bounced,
      status: '5.2.2',
      reason: '552 mailbox full',
      bounce_classification: 'Mailbox Unavailable',
    }),
    event(4, { event: 'spamreport' }),
    event(5, { event: 'group_unsubscribe' }),
    event(6, { event: 'dropped', reason: 'Bounced Address' }),
    event(7, { event: 'dropped', reason: 'Spam Reporting Address' }),
    event(0, { event: 'open', sg_event_id: 'open' }),
    event(0, { event: 'deferred', sg_event_id: 'deferred' }),
  ];
  expect((await postSendgrid(list)).body).toEqual({ recorded: 8, repeated: 0, broken: 0, failed: 0 });
  expect((await postSendgrid(list)).body).toEqual({ recorded: 0, repeated: 8, broken: 0, failed: 0 });
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['hard', 'userunknown', 'suppressed', 1],
    ['block', expect.any(String), 'nothing', 2],
    ['soft', 'mailboxfull', 'counted', 3],
    ['complaint', 'feedback', 'unsubscribed', 4],
    ['unsubscribe', null, 'unsubscribed', 5],
    ['hard', 'userunknown', 'suppressed', 6],
    ['complaint', 'feedback', 'unsubscribed', 7],
  ]);
});

test('Mailgun: the Message-ID, the envelope or a variable names the delivery', async () => {
  const hooks = await startHooks({}, { readers: 7 });
  const { messageId, returnPath, token, seconds, postMailgun } = hooks;
  const event = (reader: number, fields: object) => ({
    id: `event-${reader}`,
    timestamp: seconds() - 60.5,
    recipient: `reader${reader + 1}@example.com`,
    message: { headers: { 'message-id': messageId(reader) } },
    ...fields,
  });
  const failed = { event: 'failed', severity: 'permanent', reason: 'bounce' };
  for (const [index, content] of [
    event(0, {
      ...failed,
      'delivery-status': { code: 550, message: '5.1.1 The email account does not exist' },
    }),
    event(1, {
      ...failed,
      message: {},
      envelope: { sender: returnPath(1) },
      'delivery-status': { code: 550, message: 'Blocked for spam' },
    }),
    event(2, {
      ...failed,
      message: {},
      'user-variables': { delivery: token(2) },
      reason: 'suppress-bounce',
      'delivery-status': { code: 605, message: 'Not delivering to previously bounced address' },
    }),
    event(3, { ...failed, reason: 'old', 'delivery-status': { code: 602, message: 'Too old' } }),
    event(4, { event: 'complained' }),
    event(5, { event: 'unsubscribed' }),
    event(6, { ...failed, severity: 'temporary' }),
  ].entries())
    expect((await postMailgun(content, { token: `token-${index}` })).status).toBe(200);
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['block', 'spamdetected', 'nothing', 1],
    ['hard', 'userunknown', 'suppressed', 2],
    ['soft', expect.any(String), 'counted', 3],
    ['complaint', 'feedback', 'unsubscribed', 4],
    ['unsubscribe', null, 'unsubscribed', 5],
  ]);
});

test('SparkPost: the metadata names the delivery', async () => {
  const hooks = await startHooks({}, { readers: 7 });
  const { token, seconds, postSecret } = hooks;
  const event = (reader: number, type: string, fields: object = {}, group = 'message_event') => ({
    msys: {
      [group]: {
        type,
        event_id: `9235692769381385${reader}`,
        timestamp: String(seconds() - 60),
        raw_rcpt_to: `reader${reader + 1}@example.com`,
        rcpt_meta: { delivery: token(reader) },
        ...fields,
      },
    },
  });
  const list = [
    event(0, 'bounce', { bounce_class: '10', error_code: '550', raw_reason: '550 5.1.1 no such mailbox' }),
    event(1, 'bounce', { bounce_class: '51', error_code: '554', raw_reason: '554 IP listed' }),
    event(2, 'out_of_band', { bounce_class: 22, raw_reason: '552 5.2.2 over quota' }),
    event(3, 'bounce', { bounce_class: '30' }),
    event(4, 'spam_complaint', { fbtype: 'abuse' }),
    event(5, 'list_unsubscribe', {}, 'unsubscribe_event'),
    event(6, 'bounce', { bounce_class: '60' }),
    event(6, 'open', {}, 'track_event'),
    { msys: {} },
  ];
  expect((await postSecret('sparkpost', list)).body).toEqual({
    recorded: 7,
    repeated: 0,
    broken: 0,
    failed: 0,
  });
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['block', expect.any(String), 'nothing', 1],
    ['soft', 'mailboxfull', 'counted', 2],
    ['hard', 'userunknown', 'suppressed', 3],
    ['complaint', 'feedback', 'unsubscribed', 4],
    ['unsubscribe', null, 'unsubscribed', 5],
    ['auto-reply', 'vacation', 'nothing', 6],
  ]);
});

test('Brevo: its custom header names the delivery', async () => {
  const hooks = await startHooks({}, { readers: 5 });
  const { token, seconds, postSecret, messageId } = hooks;
  const event = (reader: number, name: string, reason?: string) => ({
    event: name,
    email: `reader${reader + 1}@example.com`,
    id: 7,
    'message-id': `<2026112408.${reader}@relay.test>`,
    ts_event: seconds() - 60,
    'X-Mailin-custom': token(reader),
    ...(reason && { reason }),
  });
  const list = [
    event(0, 'hard_bounce', '550 5.1.1 User unknown'),
    event(1, 'soft_bounce', '550 5.1.1 User unknown, try again'),
    event(2, 'invalid_email'),
    event(3, 'spam'),
    { ...event(4, 'unsubscribed'), 'X-Mailin-custom': undefined, 'message-id': `<${messageId(4)}>` },
    event(4, 'delivered'),
    event(4, 'blocked'),
  ];
  expect((await postSecret('brevo', list)).body).toMatchObject({ recorded: 5, broken: 0 });
  expect((await postSecret('brevo', list[0])).body).toMatchObject({ repeated: 1 });
  expect(await recorded(hooks)).toEqual([
    ['hard', 'userunknown', 'suppressed', 0],
    ['soft', 'userunknown', 'counted', 1],
    ['hard', 'userunknown', 'suppressed', 2],
    ['complaint', 'feedback', 'unsubscribed', 3],
    ['unsubscribe', null, 'unsubscribed', 4],
  ]);
});
