import { createVerify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type HookTools, Refused, refuseOld } from './provider.ts';

const envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string().max(500),
  Message: z.string().max(1_000_000),
  Timestamp: z.iso.datetime(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.base64().max(2_000),
  SigningCertURL: z.string().max(1_000),
  Subject: z.string().max(1_000).nullish(),
  Token: z.string().max(2_000).optional(),
  SubscribeURL: z.string().max(2_000).optional(),
});

/** A message of Amazon SNS, its signature checked. */
export type SnsMessage = z.infer<typeof envelope>;

// SNS tries for up to an hour with one timestamp and one signature. Its messages act once, however often they come.
const oldestMinutes = 60;

/**
 * Checks what SNS posted: a topic that the settings name, a fresh time, and a signature by the certificate of an SNS host
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).
 * @throws Refused if any of them is not so
 */
export async function readSns(value: unknown, tools: HookTools): Promise<SnsMessage> {
  const parsed = envelope.safeParse(value);
  if (!parsed.success) throw new Refused('The body is no message of SNS.', 400);
  const message = parsed.data;
  if (!tools.context.config.webhooks.sesTopics.includes(message.TopicArn))
    throw new Refused('The topic is not one of WEBHOOK_SES_TOPICS.');
  refuseOld(new Date(message.Timestamp), tools.context.clock.now(), oldestMinutes);
  const key = await signingKey(message.SigningCertURL, tools);
  const verify = createVerify(message.SignatureVersion === '2' ? 'RSA-SHA256' : 'RSA-SHA1');
  if (!verify.update(signedText(message)).verify(key, message.Signature, 'base64'))
    throw new Refused('The signature is wrong.');
  return message;
}

/** Answers a topic's question whether it may post here. @throws Refused if the question leads elsewhere than to SNS */
export async function confirmSubscription(message: SnsMessage, tools: HookTools): Promise<void> {
  const url = message.SubscribeURL ?? '';
  if (!isOfSns(url)) throw new Refused('SubscribeURL does not lead to SNS.');
  await tools.fetchText(url);
  tools.context.log.info({ topic: message.TopicArn }, 'the webhook of Amazon SES is confirmed');
}

/** Whether an address is one of SNS itself, over https. */
export function isOfSns(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  return (
    protocol === 'https:' &&
    /^sns\.[a-z]{2}[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?$/.test(hostname) &&
    port === '' &&
    username === '' &&
    password === ''
  );
}

function signedText(message: SnsMessage): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names
    .filter((name) => typeof message[name] === 'string')
    .map((name) => `${name}\n${message[name]}\n`)
    .join('');
}

const certificates = new Map<string, { pem: string; until: number }>();
const keepMs = 24 * 3_600_000;
const mostKept = 20;

async function signingKey(url: string, tools: HookTools): Promise<X509Certificate['publicKey']> {
  if (!isOfSns(url) || !new URL(url).pathname.endsWith('.pem'))
    throw new Refused('SigningCertURL does not lead to a certificate of SNS.');
  const now = tools.context.clock.now();
  let kept = certificates.get(url);
  if (!kept || kept.until < now.getTime()) {
    kept = { pem: await tools.fetchText(url), until: now.getTime() + keepMs };
    if (certificates.size >= mostKept) certificates.clear();
    certificates.set(url, kept);
  }
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(kept.pem);
  } catch {
    certificates.delete(url);
    throw new Refused('SigningCertURL has no certificate.');
  }
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo))
    throw new Refused('The certificate of SNS is not valid now.');
  return certificate.publicKey;
}
