import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { isOfSns } from '../../src/web/webhooks/sns.ts';
import { certificateUrl, secret, snsMessage, startHooks } from './webhooks.ts';

const bounce = { RecordType: 'Bounce', ID: 1, Type: 'HardBounce', Email: 'reader1@example.com' };

test('a provider that is not set up has no page, and neither has one that does not exist', async () => {
  const { post } = await startHooks({ sesTopics: [], postmark: undefined, mailgun: undefined });
  for (const name of ['ses', 'postmark', 'mailgun', 'acme', 'constructor', '__proto__'])
    expect((await post(name, '{}')).status).toBe(404);
});

test.each(['postmark', 'sparkpost', 'brevo'])(
  '%s: the secret is asked for in any of its forms',
  async (name) => {
    const { post, events } = await startHooks();
    const body = name === 'sparkpost' ? '[]' : '{"event":"delivered","RecordType":"Open"}';
    const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    for (const headers of [
      { authorization: `Bearer ${secret}` },
      { authorization: basic(`anyone:${secret}`) },
      { authorization: basic(secret) },
      { 'x-webhook-secret': secret },
    ] as Record<string, string>[])
      expect((await post(name, body, headers)).status).toBe(200);
    for (const headers of [
      {},
      { authorization: 'Bearer' },
      { authorization: `Bearer ${secret}x` },
      { authorization: basic(`${secret}:wrong`) },
      { authorization: `Basic ${secret}` },
      { 'x-webhook-secret': '' },
    ] as Record<string, string>[])
      expect((await post(name, body, headers)).status).toBe(401);
    expect(await events()).toEqual([]);
  },
);

test('Mailgun: a wrong, an old and a used signature are refused or ignored', async () => {
  const { context, postMailgun, messageId, seconds, events, suppressions } = await startHooks();
  const failed = (id: string, reader = 0) => ({
    id,
    event: 'failed',
    severity: 'permanent',
    message: { headers: { 'message-id': messageId(reader) } },
    'delivery-status': { code: 550, message: '5.1.1 User unknown' },
  });
  expect((await postMailgun(failed('a'), { key: 'another-key-altogether' })).status).toBe(401);
  for (const timestamp of [seconds() - 16 * 60, seconds() + 16 * 60])
    expect((await postMailgun(failed('a'), { timestamp })).status).toBe(401);
  expect(await postMailgun(failed('a'))).toEqual({
    status: 200,
    body: { recorded: 1, repeated: 0, broken: 0, failed: 0 },
  });
  // The signature does not cover the body: with the same token another event could be made.
  expect((await postMailgun(failed('b', 1))).body).toEqual({ repeated: true });
  expect((await postMailgun(failed('a'), { token: 'token-2' })).body).toMatchObject({
    recorded: 0,
    repeated: 1,
  });
  expect(await events()).toHaveLength(1);
  expect(await suppressions()).toHaveLength(1);
  context.clock.set('2026-11-24T10:00:00Z');
  await postMailgun(failed('c'), { token: 'token-3' });
  const seen = await context.db.selectFrom('feedback_seen').select('name').execute();
  expect(seen).toEqual([{ name: 'token-3' }]);
});

test('what could not be recorded is asked for again, with the same token', async () => {
  const { context, postMailgun, messageId, events } = await startHooks();
  const event = { id: 'a', event: 'complained', message: { headers: { 'message-id': messageId() } } };
  await context.database.pool.query('alter table feedback_events rename to elsewhere');
  expect((await postMailgun(event)).status).toBe(503);
  await context.database.pool.query('alter table elsewhere rename to feedback_events');
  expect((await postMailgun(event)).status).toBe(200);
  expect(await events()).toHaveLength(1);
});

test('SendGrid: a wrong, an old and a missing signature are refused, and so is a changed body', async () => {
  const { context, post, postSendgrid, seconds } = await startHooks();
  const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
  expect((await postSendgrid([], { key: other })).status).toBe(401);
  expect((await postSendgrid([], { timestamp: seconds() - 16 * 60 })).status).toBe(401);
  expect((await post('sendgrid', '[]')).status).toBe(401);
  expect((await post('sendgrid', '[]', { 'X-Twilio-Email-Event-Webhook-Timestamp': 'x' })).status).toBe(401);
  expect((await postSendgrid([])).status).toBe(200);
  expect((await postSendgrid({})).status).toBe(400);
  context.config.webhooks.sendgrid = 'bm90IGEga2V5';
  expect((await postSendgrid([])).status).toBe(401);
});

test.each(['1', '2'])(
  'SNS: version %s of the signature is checked, and the certificate is kept',
  async (SignatureVersion) => {
    const { postSns, fetched } = await startHooks();
    const SigningCertURL = certificateUrl.replace('0123', `version-${SignatureVersion}`);
    const message = snsMessage({ SignatureVersion, SigningCertURL, Subject: 'Amazon SES' });
    expect((await postSns(message)).status).toBe(200);
    expect((await postSns({ ...message, Message: '{"changed":true}' })).status).toBe(401);
    expect((await postSns({ ...message, Subject: 'changed' })).status).toBe(401);
    expect(fetched).toEqual([SigningCertURL]);
  },
);

test('SNS: nothing is fetched for a topic that is not ours, an old message, or a host that is not of SNS', async () => {
  const { postSns, fetched } = await startHooks();
  for (const fields of [
    { TopicArn: 'arn:aws:sns:eu-central-1:666666666666:bounces' },
    { Timestamp: '2026-11-24T06:59:00.000Z' },
    { Timestamp: '2026-11-24T09:01:00.000Z' },
    { SigningCertURL: 'https://sns.eu-central-1.amazonaws.com.evil.test/a.pem' },
    { SigningCertURL: 'http://sns.eu-central-1.amazonaws.com/a.pem' },
    { SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/a.html' },
  ] as Record<string, string>[])
    expect((await postSns(snsMessage(fields))).status).toBe(401);
  expect((await postSns({ Type: 'Notification' })).status).toBe(400);
  expect(fetched).toEqual([]);
});

test('SNS: a certificate that cannot be fetched now is asked for again', async () => {
  const { postSns, fetched } = await startHooks();
  const base = 'https://sns.eu-central-1.amazonaws.com';
  const away = snsMessage({ SigningCertURL: `${base}/away.pem` });
  expect((await postSns(away)).status).toBe(503);
  expect((await postSns(away)).status).toBe(503);
  expect((await postSns(snsMessage({ SigningCertURL: `${base}/none.pem` }))).status).toBe(401);
  expect(fetched).toEqual([`${base}/away.pem`, `${base}/away.pem`, `${base}/none.pem`]);
});

test('SNS: a subscription is confirmed at SNS, and nowhere else', async () => {
  const { postSns, fetched } = await startHooks();
  const SubscribeURL = 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc';
  const fields = { Type: 'SubscriptionConfirmation', Token: 'abc', SubscribeURL };
  expect((await postSns(snsMessage(fields))).status).toBe(200);
  expect(fetched).toContain(SubscribeURL);
  fetched.length = 0;
  const elsewhere = snsMessage({ ...fields, SubscribeURL: 'https://169.254.169.254/latest/meta-data' });
  expect((await postSns(elsewhere)).status).toBe(401);
  expect(fetched).toEqual([]);
});

test.each([
  ['https://sns.eu-central-1.amazonaws.com/x.pem', true],
  ['https://sns.us-gov-west-1.amazonaws.com/x.pem', true],
  ['https://sns.cn-north-1.amazonaws.com.cn/x.pem', true],
  ['https://sns.eu-central-1.amazonaws.com:8443/x.pem', false],
  ['https://a@sns.eu-central-1.amazonaws.com/x.pem', false],
  ['https://sns.eu-central-1.amazonaws.com@evil.test/x.pem', false],
  ['https://evil.test/sns.eu-central-1.amazonaws.com', false],
  ['https://bucket.s3.amazonaws.com/x.pem', false],
  ['https://xsns.eu-central-1.amazonaws.com/x.pem', false],
  ['https://sns.evil.test.amazonaws.com/x.pem', false],
  ['', false],
])('%s is of SNS: %s', (url, expected) => {
  expect(isOfSns(url)).toBe(expected);
});

test('a body that is too large or no JSON is refused, and one broken event stops no other', async () => {
  const { url, post, postSecret, postSendgrid, events } = await startHooks();
  const authorization = `Bearer ${secret}`;
  // Refused by what it announces, before it is sent.
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /hooks/postmark HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1100000\r\n\r\n');
  const [said] = await once(socket, 'data');
  socket.destroy();
  expect(String(said)).toMatch(/^HTTP\/1\.1 413/);
  expect((await post('postmark', 'not json', { authorization })).status).toBe(400);
  expect((await postSecret('postmark', 'a text')).body).toMatchObject({ recorded: 0, broken: 1 });
  expect((await postSecret('postmark', bounce)).body).toMatchObject({ recorded: 1 });
  const good = { event: 'spamreport', sg_event_id: 'a' };
  expect((await postSendgrid([null, { event: 'bounce' }, good, [], 7])).body).toMatchObject({
    recorded: 1,
    broken: 4,
  });
  // Neither names a delivery by a signature.
  expect(await events()).toMatchObject([{ action: 'unmatched' }, { action: 'unmatched' }]);
});
