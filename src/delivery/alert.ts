import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { type AlertMailProps, renderMail } from '../rendering/mail.ts';
import { sendTransactional } from './transactional.ts';
import { openTransport } from './transport.ts';

/** Something that needs a person. */
export type AlertAbout = Pick<AlertMailProps, 'title' | 'what' | 'facts' | 'todo'>;

const webhookMs = 10_000;

/**
 * Tells those who look after this server: by mail to ALERT_EMAIL, and by a POST of the same as JSON to ALERT_WEBHOOK.
 * Never throws: what cannot be told is in the log.
 * @returns whether it went out by one of them; true also where neither is set
 */
export async function alert(context: Context, about: AlertAbout): Promise<boolean> {
  const { alertEmail, alertWebhook } = context.config;
  const by = async (way: string, send: () => Promise<void>) => {
    try {
      await send();
      return true;
    } catch (error) {
      context.log.error({ error: messageOf(error) }, `the alert could not be sent by ${way}`);
      return false;
    }
  };
  const went = await Promise.all([
    ...(alertEmail ? [by('mail', () => mail(context, about, alertEmail))] : []),
    ...(alertWebhook ? [by('webhook', () => post(about, alertWebhook))] : []),
  ]);
  return went.length === 0 || went.includes(true);
}

async function mail(context: Context, about: AlertAbout, to: string): Promise<void> {
  const host = new URL(context.config.publicUrl).host;
  const rendered = await renderMail('alert', { ...about, siteName: host, url: '' });
  const transport = await openTransport(context);
  try {
    await sendTransactional(context, transport, {
      ...rendered,
      to,
      fromName: `Broadsheet at ${host}`,
      fromAddress: context.config.returnPath ?? to,
      subject: about.title,
    });
  } finally {
    await transport.close();
  }
}

async function post(about: AlertAbout, url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // `text` is what chat programs show.
    body: JSON.stringify({ ...about, text: `${about.title}: ${about.what} ${about.todo}` }),
    signal: AbortSignal.timeout(webhookMs),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`it answered ${response.status}`);
}
