import { isIP } from 'node:net';
import type { Context } from '../context.ts';
import { linkSigner } from '../links.ts';
import { renderMail } from '../rendering/mail.ts';
import { confirmTexts, directionOf } from '../rendering/words.ts';
import type { Transport } from './transport.ts';

/** A mail to one person about something they did. */
export interface TransactionalMail {
  to: string;
  name?: string;
  fromName: string;
  fromAddress: string;
  subject: string;
  html: string;
  text: string;
  headers?: Record<string, string>;
}

/** Control characters, line breaks among them: none may reach a header. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/**
 * Sends a mail to one person, marked as automatic so that no holiday notice answers it (RFC 3834).
 * @throws what the transport throws if the server does not take it
 */
export async function sendTransactional(
  context: Pick<Context, 'config' | 'clock'>,
  transport: Pick<Transport, 'transporter'>,
  mail: TransactionalMail,
): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name, oneLine(value)]),
  );
  await transport.transporter.sendMail({
    from: { name: oneLine(mail.fromName), address: mail.fromAddress },
    to: { name: oneLine(mail.name ?? ''), address: mail.to },
    envelope: { from: context.config.returnPath ?? mail.fromAddress, to: [mail.to] },
    subject: oneLine(mail.subject),
    html: mail.html,
    text: mail.text,
    date: context.clock.now(),
    headers: { ...headers, 'Auto-Submitted': 'auto-generated' },
  });
}

const confirmDays = 7;
const leastMinutesBetween = 60;

/**
 * Mails the link that confirms a subscription, at most once an hour to an address, whatever lists it is for.
 * @returns false if nothing was sent: one went out within the hour, or there is nothing to confirm
 * @throws what rendering or the transport throws; another attempt may follow at once then
 */
export async function sendConfirmation(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
  transport: Pick<Transport, 'transporter'>,
  request: { subscriberId: number; listId: number },
): Promise<boolean> {
  const due = await claimConfirmation(context, request);
  if (!due) return false;
  try {
    const sender = await senderFor(context, request.listId, due.listName);
    const signer = await linkSigner(context);
    const expires = Math.floor(context.clock.now().getTime() / 1000) + confirmDays * 86_400;
    const token = signer.sign('confirm', [request.subscriberId, request.listId, expires]);
    // The person's name is left out: anyone can type anything into a form, and this goes to someone else's address.
    const { language, ...from } = sender;
    const texts = confirmTexts(language, { list: due.listName, days: confirmDays });
    const rendered = await renderMail('confirm', {
      language,
      direction: directionOf(language),
      listName: due.listName,
      listDescription: due.listDescription,
      senderName: from.fromName,
      confirmUrl: `${context.config.publicUrl}/confirm/${token}`,
      texts,
    });
    await sendTransactional(context, transport, {
      ...rendered,
      ...from,
      to: due.email,
      subject: texts.subject,
    });
    return true;
  } catch (error) {
    await context.db
      .updateTable('subscriptions')
      .set({ confirmation_sent_at: due.before })
      .where('subscriber_id', '=', request.subscriberId)
      .where('list_id', '=', request.listId)
      .where('confirmation_sent_at', '=', due.at)
      .execute();
    throw error;
  }
}

/** Notes that a confirmation goes out now, if one may. Two processes that ask at once get one yes. */
async function claimConfirmation(
  context: Pick<Context, 'db' | 'clock'>,
  { subscriberId, listId }: { subscriberId: number; listId: number },
) {
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    const person = await trx
      .selectFrom('subscribers')
      .select('email')
      .where('id', '=', subscriberId)
      // The hour is counted over all of the person's subscriptions, so the person is what is locked.
      .forUpdate()
      .executeTakeFirst();
    const subscriptions = await trx
      .selectFrom('subscriptions')
      .innerJoin('lists', 'lists.id', 'subscriptions.list_id')
      .where('subscriber_id', '=', subscriberId)
      .select(['list_id', 'state', 'confirmation_sent_at', 'lists.name', 'lists.description'])
      .execute();
    const wanted = subscriptions.find(({ list_id, state }) => list_id === listId && state === 'pending');
    const earliest = at.getTime() - leastMinutesBetween * 60_000;
    const recent = subscriptions.some(({ confirmation_sent_at: sent }) => sent && sent.getTime() > earliest);
    if (!person || !wanted || recent) return undefined;
    await trx
      .updateTable('subscriptions')
      .set({ confirmation_sent_at: at })
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', listId)
      .execute();
    return {
      email: person.email,
      listName: wanted.name,
      listDescription: wanted.description,
      before: wanted.confirmation_sent_at,
      at,
    };
  });
}

/** Who writes for a list, and how: the first newsletter that goes to it, else a no-reply address of this server. */
async function senderFor(
  context: Pick<Context, 'config' | 'db'>,
  listId: number,
  listName: string,
): Promise<{ fromName: string; fromAddress: string; language: string }> {
  const newsletter = await context.db
    .selectFrom('newsletters')
    .innerJoin('newsletter_lists', 'newsletter_lists.newsletter_id', 'newsletters.id')
    .where('newsletter_lists.list_id', '=', listId)
    .select(['from_name', 'from_address', 'language'])
    .orderBy('newsletters.id')
    .executeTakeFirst();
  if (newsletter)
    return {
      fromName: newsletter.from_name,
      fromAddress: newsletter.from_address,
      language: newsletter.language,
    };
  const host = new URL(context.config.publicUrl).hostname.replace(/^\[|\]$/g, '');
  const domain = isIP(host) === 4 ? `[${host}]` : isIP(host) === 6 ? `[IPv6:${host}]` : host;
  return { fromName: listName, fromAddress: `no-reply@${domain}`, language: 'en' };
}
