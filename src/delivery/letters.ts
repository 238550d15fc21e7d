import { isIP } from 'node:net';
import { deviceOf } from '../access/device.ts';
import { createLoginLink } from '../access/login-links.ts';
import { stepMinutes } from '../access/login-steps.ts';
import { findUserByEmail } from '../access/users.ts';
import type { Context } from '../context.ts';
import { isHeldHere } from '../db/installation.ts';
import { type LinkSigner, linkSigner } from '../links.ts';
import { type MailProps, renderMail } from '../rendering/mail.ts';
import { directionOf, type LetterName, type LetterTexts, letterTexts } from '../rendering/words.ts';
import { noteWording } from '../subscribers/consent.ts';
import {
  claimConfirmation,
  claimGoodbye,
  claimLink,
  claimStay,
  claimWelcome,
  type Due,
} from './letters-due.ts';
import { providerFields } from './provider-headers.ts';
import { tagged } from './tagged.ts';
import { sendTransactional, type TransactionalMail } from './transactional.ts';
import type { Transport } from './transport.ts';

type Deps = Pick<Context, 'config' | 'db' | 'clock'>;
type Way = Pick<Transport, 'transporter'>;

/** A person's subscription to one list. */
export interface About {
  subscriberId: number;
  listId: number;
}

/**
 * Mails to one person, each by what it is about. Each tells whether it was sent; where sending is held none is, but for the link to
 * log in.
 */
export interface Letters {
  confirmation(about: About): Promise<boolean>;
  welcome(about: About): Promise<boolean>;
  goodbye(about: About): Promise<boolean>;
  preferencesLink(email: string): Promise<boolean>;
  dataLink(email: string): Promise<boolean>;
  loginLink(email: string, from: LoginAsked): Promise<boolean>;
}

/** From where someone asked for a link to log in. */
export interface LoginAsked {
  /** The local path to go to then. */
  next?: string;
  userAgent?: string;
  /** Of the page on which it was asked for; a user's own goes before it. */
  language?: 'en' | 'de';
}

/** Mails to one person, sent through one transport. */
export function lettersThrough(context: Deps, transport: Way): Letters {
  return {
    confirmation: (about) => sendConfirmation(context, transport, about),
    welcome: (about) => sendWelcome(context, transport, about),
    goodbye: (about) => sendGoodbye(context, transport, about),
    preferencesLink: (email) => sendPreferencesLink(context, transport, email),
    dataLink: (email) => sendDataLink(context, transport, email),
    loginLink: (email, from) => sendLoginLink(context, transport, email, from),
  };
}

const confirmDays = 7;

/**
 * Mails the link that confirms a subscription, at most once an hour to an address, whatever lists it is for.
 * @returns false if nothing was sent: one went out within the hour, or there is nothing to confirm
 * @throws what rendering or the transport throws; another attempt may follow at once then
 */
export async function sendConfirmation(context: Deps, transport: Way, about: About): Promise<boolean> {
  return send(
    context,
    transport,
    'confirm',
    () => claimConfirmation(context, about),
    (due, { signer }) => {
      const expires = Math.floor(context.clock.now().getTime() / 1000) + confirmDays * 86_400;
      const token = signer.sign('confirm', [about.subscriberId, about.listId, expires]);
      // The person's name is left out: anyone can type anything into a form, and this goes to someone else's address.
      return {
        listName: due.listName,
        listDescription: due.listDescription,
        confirmUrl: `${context.config.publicUrl}/confirm/${token}`,
      };
    },
  );
}

/**
 * Welcomes someone to a list that they have confirmed, once, unless the list says that nobody is welcomed.
 * @returns false if nothing was to be sent
 * @throws as `sendConfirmation`
 */
export async function sendWelcome(context: Deps, transport: Way, about: About): Promise<boolean> {
  return send(
    context,
    transport,
    'welcome',
    () => claimWelcome(context, about),
    (due, { signer, latest }) => ({
      listName: due.listName,
      listDescription: due.listDescription,
      latestUrl: latest
        ? `${context.config.publicUrl}/view/${signer.sign('view', [about.subscriberId, latest])}`
        : '',
      preferencesUrl: preferencesUrl(context, signer, about.subscriberId),
      unsubscribeUrl: `${context.config.publicUrl}/unsubscribe/${signer.sign('unsubscribe', [about.subscriberId, latest ?? 0])}`,
    }),
  );
}

/**
 * Tells someone that they have left a list, once for each time that they leave, if the list wants that.
 * @returns false if nothing was to be sent
 * @throws as `sendConfirmation`
 */
export async function sendGoodbye(context: Deps, transport: Way, about: About): Promise<boolean> {
  return send(
    context,
    transport,
    'goodbye',
    () => claimGoodbye(context, about),
    (due, { otherwise }) => ({
      listName: due.listName,
      subscribeUrl: `${context.config.publicUrl}/subscribe/${due.listSlug}`,
      otherwise,
    }),
  );
}

// Whoever finds the mail after their time is over may still come back by it.
const lateDays = 60;

/**
 * Asks someone who was noted for it whether they want to stay on a list, once.
 * @param graceDays how long they have for an answer
 * @returns false if nothing was to be sent
 * @throws as `sendConfirmation`
 */
export async function sendStay(
  context: Deps,
  transport: Way,
  about: About,
  graceDays: number,
): Promise<boolean> {
  const claim = () => claimStay(context, about, graceDays);
  return send(context, transport, 'stay', claim, ({ listName, listDescription, answerBy }, given) => {
    const { signer, latest, otherwise } = given;
    const { subscriberId, listId } = about;
    const expires = Math.floor(answerBy.getTime() / 1000) + lateDays * 86_400;
    return {
      listName,
      listDescription,
      stayUrl: `${context.config.publicUrl}/stay/${signer.sign('stay', [subscriberId, listId, expires])}`,
      unsubscribeUrl: `${context.config.publicUrl}/unsubscribe/${signer.sign('unsubscribe', [subscriberId, latest ?? 0])}`,
      otherwise,
    };
  });
}

/**
 * Mails someone the link to their preferences, at most once an hour, if the address is known and may be written to.
 * @param email as typed by whoever asks
 * @returns false if nothing was to be sent; whoever asked must not see the difference
 * @throws as `sendConfirmation`
 */
export async function sendPreferencesLink(context: Deps, transport: Way, email: string): Promise<boolean> {
  return send(
    context,
    transport,
    'preferences',
    () => claimLink(context, email),
    (due, { signer, otherwise }) => ({
      preferencesUrl: preferencesUrl(context, signer, due.subscriberId),
      otherwise,
    }),
  );
}

const dataHours = 24;

/**
 * Mails someone the link to a copy of their own data and to its erasure, for a day; otherwise as `sendPreferencesLink`.
 * @param email as typed by whoever asks
 */
export async function sendDataLink(context: Deps, transport: Way, email: string): Promise<boolean> {
  const claim = () => claimLink(context, email, 'data_link_sent_at');
  return send(context, transport, 'data', claim, ({ subscriberId }, { signer, otherwise }) => {
    const expires = Math.floor(context.clock.now().getTime() / 1000) + dataHours * 3_600;
    return {
      dataUrl: `${context.config.publicUrl}/data/${signer.sign('data', [subscriberId, expires])}`,
      otherwise,
    };
  });
}

/**
 * Mails a user of the desk the link with which they log in, once, within a quarter of an hour.
 * @param email as typed by whoever asks
 * @returns false if no user has the address, or they are kept out; whoever asked must not see the difference
 * @throws what rendering or the transport throws
 */
export async function sendLoginLink(
  context: Deps,
  transport: Way,
  email: string,
  { next, userAgent, language: spoken = 'en' }: LoginAsked,
): Promise<boolean> {
  const user = await findUserByEmail(context, email);
  if (!user || user.disabledAt) return false;
  const language = user.locale === 'en' || user.locale === 'de' ? user.locale : spoken;
  const siteName = `Broadsheet ${new URL(context.config.publicUrl).host}`;
  const [{ fromAddress }, rendered] = await Promise.all([
    senderFor(context, { listId: null, listName: '' }),
    renderMail('login', {
      language,
      siteName,
      loginUrl: await createLoginLink(context, user.id, { next, how: 'link' }),
      minutes: stepMinutes.link,
      place: deviceOf(userAgent) ?? '',
    }),
  ]);
  await sendTransactional(context, transport, {
    ...rendered,
    fromName: siteName,
    fromAddress,
    to: user.email,
    name: user.name,
    subject: `${language === 'de' ? 'Anmelden bei' : 'Log in to'} ${siteName}`,
  });
  return true;
}

const preferencesUrl = ({ config }: Deps, signer: LinkSigner, subscriberId: number) =>
  `${config.publicUrl}/preferences/${signer.sign('preferences', [subscriberId, 0])}`;

type Own<Name extends LetterName> = Omit<MailProps[Name], 'language' | 'direction' | 'senderName' | 'texts'>;

/**
 * Claims a letter, and sends it. A copy of the data that nobody adopted writes to no subscriber, whatever its pages, its API or an
 * admin are asked for.
 */
async function send<Name extends LetterName, Claimed extends Due>(
  context: Deps,
  transport: Way,
  name: Name,
  claim: () => Promise<Claimed | undefined>,
  props: (
    due: Claimed,
    given: { signer: LinkSigner; latest: number | undefined; otherwise: string },
  ) => Own<Name>,
): Promise<boolean> {
  const due = (await isHeldHere(context)) ? undefined : await claim();
  if (!due) return false;
  try {
    const { fromName, fromAddress, language: usual, latest } = await senderFor(context, due);
    const language = due.language ?? usual;
    const texts: LetterTexts<Name> = letterTexts(name, language, {
      list: due.listName,
      days: due.days ?? confirmDays,
    });
    if (name === 'confirm') await noteAsked(context, due, language, texts);
    const { otherwise } = letterTexts('confirm', language, {});
    const signer = await linkSigner(context);
    const rendered = await renderMail(name, {
      language,
      direction: directionOf(language),
      senderName: fromName,
      texts,
      ...props(due, { signer, latest, otherwise }),
    } as unknown as MailProps[Name]);
    const { subject } = texts as { subject: string };
    await sendTransactional(context, transport, {
      ...rendered,
      fromName,
      fromAddress,
      to: due.email,
      subject,
      ...knownAgain(context, signer, due.subscriberId, fromAddress),
    });
    return true;
  } catch (error) {
    await due.giveBack();
    throw error;
  }
}

/**
 * By what a bounce of a letter, or a complaint about it, is known: a signed return path, Message-ID and what providers give
 * back, as an edition's messages have them. A letter belongs to no edition, which is written as edition 0.
 */
function knownAgain(
  { config, clock }: Deps,
  signer: LinkSigner,
  subscriberId: number,
  fromAddress: string,
): Pick<TransactionalMail, 'returnPath' | 'messageId' | 'headers'> {
  const token = signer.sign('bounce', [0, subscriberId]);
  // Each letter is another message, so its Message-ID has the millisecond in it.
  const messageToken = signer.sign('bounce', [0, subscriberId, clock.now().getTime()]);
  return {
    returnPath: tagged(config.returnPath ?? fromAddress, token),
    messageId: `<${messageToken}@${fromAddress.slice(fromAddress.lastIndexOf('@') + 1)}>`,
    headers: providerFields(config.webhooks, token),
  };
}

/** Keeps in which words someone is asked, as proof of what they confirm. */
async function noteAsked(
  context: Deps,
  due: Due,
  language: string,
  texts: Record<string, string>,
): Promise<void> {
  const wording = await noteWording(context, { language, text: Object.values(texts).join('\n') });
  await context.db
    .updateTable('subscriptions')
    .set({ confirmation_wording: wording })
    .where('subscriber_id', '=', due.subscriberId)
    .where('list_id', '=', due.listId ?? 0)
    .execute();
}

/** Who writes for a list, and how: the first newsletter that goes to it, else a no-reply address of this server. */
async function senderFor(context: Deps, { listId, listName }: Pick<Due, 'listId' | 'listName'>) {
  const newsletter = await context.db
    .selectFrom('newsletters')
    .innerJoin('newsletter_lists', 'newsletter_lists.newsletter_id', 'newsletters.id')
    .$if(listId !== null, (query) => query.where('newsletter_lists.list_id', '=', listId ?? 0))
    .select(['newsletters.id', 'from_name', 'from_address', 'language'])
    .select((e) =>
      e
        .selectFrom('editions')
        .whereRef('newsletter_id', '=', 'newsletters.id')
        .where('state', '=', 'sent')
        .orderBy('scheduled_for', 'desc')
        .limit(1)
        .select('editions.id')
        .as('latest'),
    )
    .orderBy('newsletters.id')
    .executeTakeFirst();
  if (newsletter)
    return {
      fromName: newsletter.from_name,
      fromAddress: newsletter.from_address,
      language: newsletter.language,
      latest: newsletter.latest ?? undefined,
    };
  const host = new URL(context.config.publicUrl).hostname.replace(/^\[|\]$/g, '');
  const domain = isIP(host) === 4 ? `[${host}]` : isIP(host) === 6 ? `[IPv6:${host}]` : host;
  return {
    fromName: listName || host,
    fromAddress: `no-reply@${domain}`,
    language: 'en',
    latest: undefined,
  };
}
