import type { Context } from '../context.ts';
import { type Composer, composePage, prepareComposer } from '../delivery/compose.ts';
import { anybody, loadReaders, type Reader } from '../delivery/readers.ts';
import type { Edition } from '../editions/editions.ts';
import { UserError } from '../errors.ts';
import { linkSigner } from '../links.ts';
import { parseAddress } from '../subscribers/address.ts';

/** An edition as one subscriber gets it; as one without wishes, if no address is given. @throws UserError if there is no such subscriber */
export async function pageFor(
  context: Context,
  edition: Edition,
  email: string | undefined,
): Promise<ReturnType<typeof composePage>> {
  const composer = await prepareComposer(context, edition, await linkSigner(context));
  return composePage(context, composer, await readerFor(context, composer, email));
}

/** @throws UserError if there is no such subscriber */
export async function readerFor(
  context: Context,
  { edition, past }: Composer,
  email: string | undefined,
): Promise<Reader> {
  if (!email) return anybody(0, 'reader@example.com');
  const { key } = parseAddress(email);
  const row = await context.db
    .selectFrom('subscribers')
    .select('id')
    .where('email_key', '=', key)
    .executeTakeFirst();
  const [reader] = row ? await loadReaders(context, edition.newsletter_id, [row.id], past) : [];
  if (!reader) throw new UserError(`There is no subscriber ${email}.`, { code: 'not-found' });
  return reader;
}
