import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import type { Webhooks } from '../../src/config.ts';
import { startServer } from '../../src/web/server.ts';
import { webhooks } from '../../src/web/webhooks/webhooks.ts';
import { seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8');
const certificate = fixture('certificate.pem');

export const topic = 'arn:aws:sns:eu-central-1:123456789012:bounces';
export const certificateUrl = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem';
export const secret = 'a-secret-of-the-provider';

const sendgridKeys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** The webhooks on a port of this machine, all set up unless told otherwise, with a newsletter whose deliveries they tell of. */
export async function startHooks(
  settings: Partial<Webhooks> = {},
  seeds: Parameters<typeof seedDeliveries>[1] = {},
) {
  const all: Webhooks = {
    sesTopics: [topic],
    postmark: secret,
    sendgrid: sendgridKeys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    mailgun: secret,
    sparkpost: secret,
    brevo: secret,
  };
  const context = await createTestContext({ webhooks: { ...all, ...settings } });
  const seed = await seedDeliveries(context, seeds);
  const fetched: string[] = [];
  const app = new Hono();
  app.route(
    '/hooks',
    webhooks(context, {
      signer: seed.signer,
      async fetchText(url) {
        fetched.push(url);
        if (url.endsWith('/away.pem')) throw new Error('the host does not answer');
        return url.endsWith('/none.pem') ? 'no certificate' : certificate;
      },
    }),
  );
  const server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  onTestFinished(server.close);
  const post = async (provider: string, body: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}/hooks/${provider}`, { method: 'POST', body, headers });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const seconds = () => Math.floor(context.clock.now().getTime() / 1_000);
  return {
    ...seed,
    context,
    fetched,
    url: server.url,
    post,
    seconds,
    /** Posts with the secret that providers without signatures bring. */
    postSecret: (provider: string, content: unknown) =>
      post(provider, JSON.stringify(content), {
        authorization: `Basic ${Buffer.from(`hook:${secret}`).toString('base64')}`,
      }),
    postMailgun: (event: unknown, { token = 'token-1', timestamp = seconds(), key = secret } = {}) =>
      post(
        'mailgun',
        JSON.stringify({ signature: mailgunSignature(key, timestamp, token), 'event-data': event }),
      ),
    postSendgrid: (events: unknown, { timestamp = seconds(), key = sendgridKeys.privateKey } = {}) => {
      const body = JSON.stringify(events);
      return post('sendgrid', body, sendgridHeaders(key, timestamp, body));
    },
    postSns: (message: Record<string, unknown>) =>
      post('ses', JSON.stringify(message), { 'content-type': 'text/plain' }),
  };
}

function mailgunSignature(key: string, timestamp: number, token: string) {
  const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex');
  return { timestamp: String(timestamp), token, signature };
}

export function sendgridHeaders(key: KeyObject, timestamp: number, body: string) {
  return {
    'X-Twilio-Email-Event-Webhook-Timestamp': String(timestamp),
    'X-Twilio-Email-Event-Webhook-Signature': createSign('SHA256')
      .update(`${timestamp}${body}`)
      .sign(key, 'base64'),
  };
}

/** A message of SNS, signed as SNS signs. @param fields what differs; it is signed after that */
export function snsMessage(fields: Record<string, string> = {}): Record<string, string> {
  const message: Record<string, string> = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: topic,
    Message: '{}',
    Timestamp: '2026-11-24T07:59:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: certificateUrl,
    ...fields,
  };
  const names =
    message.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
  const sign = createSign(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256');
  return { ...message, Signature: sign.update(text).sign(fixture('key.pem'), 'base64') };
}
