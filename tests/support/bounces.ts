import { linkSigner } from '../../src/links.ts';
import type { TestContext } from './context.ts';
import { seedList, seedNewsletter } from './seed.ts';

const lines = (...all: string[]) => Buffer.from(all.join('\r\n'));

export interface Bounce {
  returnPath?: string;
  messageId?: string;
  to?: string;
  status?: string;
  action?: string;
  diagnostic?: string;
  /** The notice's own Message-ID. */
  id?: string;
  date?: string;
}

/** A DSN (RFC 3464) as Postfix makes them. */
export function bounceMessage(bounce: Bounce = {}): Buffer {
  const {
    returnPath = 'bounces@example.com',
    messageId = 'original@harbour.example.com',
    to = 'reader1@example.com',
    status = '5.1.1',
    action = 'failed',
    diagnostic = `smtp; 550 5.1.1 <${to}>: Recipient address rejected: User unknown`,
    id = `${returnPath.replace('@', '.')}.${status}@mx.relay.test`,
    date = 'Tue, 24 Nov 2026 07:30:00 +0000',
  } = bounce;
  return lines(
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.relay.test (Mail Delivery System)',
    `To: ${returnPath}`,
    'Subject: Undelivered Mail Returned to Sender',
    `Message-ID: <${id}>`,
    `Date: ${date}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain',
    '',
    'Your message could not be delivered.',
    '',
    '--b1',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.relay.test',
    '',
    `Final-Recipient: rfc822; ${to}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${diagnostic}`,
    '',
    '--b1',
    'Content-Type: text/rfc822-headers',
    '',
    'From: The Harbour Post <news@harbour.example.com>',
    `To: ${to}`,
    `Message-ID: <${messageId}>`,
    'Subject: The old lighthouse is lit again',
    '',
    '--b1--',
    '',
  );
}

/** A complaint in the Abuse Reporting Format (RFC 5965), sent to the newsletter's sender. */
export function complaintMessage(messageId: string, to = 'redacted@example.com'): Buffer {
  return lines(
    'From: <fbl@mailbox.test>',
    'To: news@harbour.example.com',
    'Subject: FW: The old lighthouse is lit again',
    'Message-ID: <report-1@mailbox.test>',
    'Date: Tue, 24 Nov 2026 07:30:00 +0000',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="fb"',
    '',
    '--fb',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Lantern/1.0',
    'Version: 1',
    '--fb',
    'Content-Type: message/rfc822',
    '',
    'From: The Harbour Post <news@harbour.example.com>',
    `To: ${to}`,
    `Message-ID: <${messageId}>`,
    '',
    'hello',
    '--fb--',
    '',
  );
}

/** A letter from a person. */
export function letterMessage(to: string, headers: string[] = []): Buffer {
  return lines(
    'From: Mara Lind <reader1@example.com>',
    `To: ${to}`,
    'Subject: Hello',
    'Message-ID: <letter@reader.test>',
    ...headers,
    '',
    'A good edition today.',
    '',
  );
}

/** A newsletter with readers and editions, and the signed names that their deliveries go by. */
export async function seedDeliveries(context: TestContext, { readers = 2, editions = 1 } = {}) {
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionIds: number[] = [];
  for (let number = 0; number < editions; number++) {
    const at = new Date(context.clock.now().getTime() + number * 60_000);
    const { id } = await context.db
      .insertInto('editions')
      .values({ newsletter_id: newsletter.id, scheduled_for: at, theme: 'broadsheet', language: 'en' })
      .returning('id')
      .executeTakeFirstOrThrow();
    editionIds.push(id);
  }
  const signer = await linkSigner(context);
  const token = (reader = 0, edition = 0) =>
    signer.sign('bounce', [editionIds[edition] ?? 0, subscriberIds[reader] ?? 0]);
  return {
    listId,
    subscriberIds,
    editionIds,
    signer,
    token,
    returnPath: (reader = 0, edition = 0) => `bounces+${token(reader, edition)}@example.com`,
    leavingPath: (reader = 0, edition = 0) => `bounces+u${token(reader, edition)}@example.com`,
    messageId: (reader = 0, edition = 0) => `${token(reader, edition)}@harbour.example.com`,
    events: () => context.db.selectFrom('feedback_events').selectAll().orderBy('id').execute(),
    suppressions: () =>
      context.db
        .selectFrom('suppressions')
        .select(['email', 'list_id', 'reason', 'expires_at', 'note'])
        .orderBy('id')
        .execute(),
    states: async () =>
      (
        await context.db
          .selectFrom('subscriptions')
          .select('state')
          .where('subscriber_id', 'in', subscriberIds)
          .orderBy('subscriber_id')
          .execute()
      ).map(({ state }) => state),
  };
}
