import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import type { Edition } from '../editions/editions.ts';
import { messageOf, UserError } from '../errors.ts';
import { linkSigner, readerLinks } from '../links.ts';
import { assembleMessage } from '../rendering/assemble.ts';
import { readerTexts } from '../rendering/compile.ts';
import { header } from '../rendering/headers.ts';
import { parseAddress } from '../subscribers/address.ts';
import { prepareComposer } from './compose.ts';
import { dkimSignatures } from './dkim.ts';
import { otherTransport, TransportCarrier } from './other-transport.ts';
import { anybody } from './readers.ts';
import { type Carrier, servesBest, smtpRoute } from './route.ts';
import { listRoutes } from './routes.ts';
import { openTransport } from './transport.ts';

/** What became of a test mail. */
export interface TestMail {
  to: string;
  /** Why it was not taken, in the server's words; undefined: it was. */
  problem?: string;
}

/** Nobody: what a link of a test mail leads to belongs to no reader, and changes nothing. */
const nobody = 0;

/** No seed list is longer, and no test goes to more. */
export const mostTestAddresses = 25;

/**
 * Sends an edition as it is rendered now to a few addresses, by the way that it would take itself. The mails are marked
 * [Test], count nowhere, and their links are those of nobody. Suppressed addresses get none.
 * @returns what became of each
 * @throws UserError if an address is none, there are too many, the edition has not been rendered, or no route serves it
 */
export async function sendTest(
  context: Context,
  edition: Edition,
  addresses: { email: string; name?: string | null }[],
): Promise<TestMail[]> {
  const wanted = new Map(
    addresses.map(({ email, name }) => {
      const address = parseAddress(email);
      return [address.key, { ...address, name: name ?? null }] as const;
    }),
  );
  if (wanted.size > mostTestAddresses)
    throw new UserError(`A test goes to at most ${mostTestAddresses} addresses; these are ${wanted.size}.`, {
      code: 'usage',
    });
  const signer = await linkSigner(context);
  const composer = await prepareComposer(context, edition, signer);
  const { fromAddress } = composer.newsletter;
  const domain = fromAddress.split('@')[1] ?? 'localhost';
  const suppressed = await suppressedOf(context, [...wanted.values()]);
  const way = await openWay(context, { fromDomain: domain, listIds: composer.newsletter.listIds });
  try {
    const sent: TestMail[] = [];
    for (const { email, key, name } of wanted.values()) {
      if (suppressed.has(key)) {
        sent.push({ to: email, problem: 'the address is suppressed' });
        continue;
      }
      const reader = { ...anybody(nobody, email), name };
      const form = composer.compiled.for({ language: null, untracked: true });
      const marked = { ...form, subjects: [header('Subject', `[Test] ${edition.subject}`)] };
      const values = {
        ...readerTexts(form, reader),
        ...readerLinks(context.config.publicUrl, signer, nobody, edition.id),
      };
      const raw = assembleMessage(marked, composer.chooser.choose(reader), values, {
        to: email,
        toName: name,
        messageId: `<test-${edition.id}-${randomBytes(9).toString('hex')}@${domain}>`,
        date: context.clock.now(),
      });
      const signed = [await dkimSignatures(raw, composer.dkim, context.clock.now()), ...raw];
      const outcome = await way.carrier().then((carrier) =>
        carrier.send({
          from: context.config.returnPath ?? fromAddress,
          to: email,
          raw: signed,
          size: signed.reduce((sum, part) => sum + part.length, 0),
        }),
      );
      const isTaken = outcome.kind === 'answered' && outcome.code < 300;
      sent.push({ to: email, ...(!isTaken && { problem: outcome.words }) });
    }
    return sent;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`The test could not be sent: ${messageOf(error)}.`, { code: 'transport' });
  } finally {
    await way.close();
  }
}

interface Way {
  /** One that takes a message. */
  carrier(): Promise<Carrier>;
  close(): Promise<void>;
}

/** Opens the route that an edition takes, for a few messages. */
async function openWay(context: Context, use: { fromDomain: string; listIds: number[] }): Promise<Way> {
  const all = await listRoutes(context);
  const candidates = all
    .filter(({ active }) => active)
    .map(({ url, fromDomain, listId }) => ({
      url,
      ...((fromDomain !== null || listId !== null) && {
        only: { ...(fromDomain !== null && { fromDomain }), ...(listId !== null && { listId }) },
      }),
    }));
  const route = servesBest(candidates, use)[0];
  if (all.length > 0 && !route)
    throw new UserError(
      'No route takes mail of this newsletter: they are switched off, or made for other mail.',
      {
        code: 'route',
        hint: 'Switch one on: broadsheet routes edit NAME --on',
      },
    );
  const usual = route ? undefined : await openTransport(context);
  const url = route?.url ?? usual?.url ?? '';
  const other = await otherTransport(url);
  const open = other
    ? async () => new TransportCarrier(other)
    : smtpRoute(url, { connections: 1 }, { connectMs: 10_000, answerMs: 30_000, messageMs: 60_000 }).open;
  let opened: Carrier | undefined;
  return {
    async carrier() {
      if (!opened?.isUsable) opened = await open();
      return opened;
    },
    async close() {
      await opened?.quit();
      other?.close();
      await usual?.close();
    },
  };
}

async function suppressedOf(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  addresses: { key: string; hash: Buffer }[],
): Promise<Set<string>> {
  if (addresses.length === 0) return new Set();
  const rows = await db
    .selectFrom('suppressions')
    .select('email_hash')
    .where(
      'email_hash',
      'in',
      addresses.map(({ hash }) => hash),
    )
    .where('list_id', 'is', null)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', clock.now())]))
    .execute();
  const hashes = new Set(rows.map(({ email_hash }) => email_hash.toString('hex')));
  return new Set(addresses.filter(({ hash }) => hashes.has(hash.toString('hex'))).map(({ key }) => key));
}

/** The addresses that get a newsletter's tests, in order. */
export async function seedAddresses({ db }: Pick<Context, 'db'>, newsletterId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('seed_addresses')
    .select('email')
    .where('newsletter_id', '=', newsletterId)
    .orderBy('email_key')
    .execute();
  return rows.map(({ email }) => email);
}

/** @throws UserError if one is no address, or there are too many; nothing is changed then */
export async function setSeedAddresses(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
  emails: string[],
): Promise<void> {
  const addresses = new Map(emails.map(parseAddress).map((address) => [address.key, address]));
  if (addresses.size > mostTestAddresses)
    throw new UserError(
      `A seed list has at most ${mostTestAddresses} addresses; these are ${addresses.size}.`,
      {
        code: 'usage',
      },
    );
  await inTransaction({ db }, async (transaction) => {
    await transaction.deleteFrom('seed_addresses').where('newsletter_id', '=', newsletterId).execute();
    if (addresses.size > 0)
      await transaction
        .insertInto('seed_addresses')
        .values(
          [...addresses.values()].map(({ email, key, hash }) => ({
            newsletter_id: newsletterId,
            email,
            email_key: key,
            email_hash: hash,
          })),
        )
        .execute();
  });
}
