import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import type { DB } from '../db/schema.ts';
import type { EditionState } from '../editions/editions.ts';
import { UserError } from '../errors.ts';

/** What goes with a newsletter. */
export interface NewsletterHoldings {
  editions: number;
  /** Of them those that readers have had. */
  sent: number;
  /** Deliveries that were planned. */
  deliveries: number;
}

const removable: EditionState[] = ['draft', 'review', 'cancelled', 'skipped'];
const lockWait = '5s';
/** Postgres waited for a lock and gave up. */
const lockNotAvailable = '55P03';

/** What removing a newsletter would take away. */
export async function newsletterHoldings(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<NewsletterHoldings> {
  const { editions, sent, deliveries } = await db
    .selectFrom('editions')
    .select((e) => [
      e.fn.countAll<number>().as('editions'),
      e.fn.countAll<number>().filterWhere('state', '=', 'sent').as('sent'),
      e.fn.coalesce(e.fn.sum<number>('planned_count'), sql<number>`0`).as('deliveries'),
    ])
    .where('newsletter_id', '=', newsletterId)
    .executeTakeFirstOrThrow();
  return { editions, sent, deliveries: Number(deliveries) };
}

/**
 * Removes an edition that nobody is to get (any more), with its stories, what was rendered, and the ledger of what went out
 * before it was cancelled. What its readers followed leads nowhere from then on, but they can
 * leave by its mails.
 * @throws UserError if it is on its way or was sent, or sending keeps the ledger busy
 */
export async function removeEdition({ db }: Pick<Context, 'db'>, editionId: number): Promise<void> {
  await locking(async () =>
    inTransaction({ db }, async (transaction) => {
      const edition = await transaction
        .selectFrom('editions')
        .select('state')
        .where('id', '=', editionId)
        .forUpdate()
        .executeTakeFirst();
      const state = edition?.state as EditionState | undefined;
      if (state === undefined || !removable.includes(state))
        throw new UserError(
          state === undefined
            ? `There is no edition ${editionId}.`
            : state === 'sent'
              ? `Edition ${editionId} was sent: what was sent stays, so that it can be shown.`
              : `Edition ${editionId} is ${state}: it cannot be removed.`,
          {
            code: state === undefined ? 'not-found' : 'state',
            hint:
              state === undefined || state === 'sent'
                ? undefined
                : `Cancel it first: broadsheet editions cancel ${editionId}`,
          },
        );
      await rememberLists(transaction, [editionId]);
      await dropLedgers(transaction, [editionId]);
      await transaction.deleteFrom('editions').where('id', '=', editionId).execute();
    }),
  );
}

/**
 * Removes a newsletter with all its editions and their ledgers. Lists, subscribers, stories and what came back stay.
 * @throws UserError if one of its editions is on its way, or sending keeps the ledger busy
 */
export async function removeNewsletter({ db }: Pick<Context, 'db'>, newsletterId: number): Promise<void> {
  await locking(async () =>
    inTransaction({ db }, async (transaction) => {
      const newsletter = await transaction
        .selectFrom('newsletters')
        .select('slug')
        .where('id', '=', newsletterId)
        .forUpdate()
        .executeTakeFirst();
      const editions = await transaction
        .selectFrom('editions')
        .select(['id', 'state'])
        .where('newsletter_id', '=', newsletterId)
        .forUpdate()
        .execute();
      const onItsWay = editions.find(({ state }) => ['approved', 'sending', 'paused'].includes(state));
      if (onItsWay)
        throw new UserError(`Edition ${onItsWay.id} of "${newsletter?.slug}" is ${onItsWay.state}.`, {
          code: 'state',
          hint: `Cancel it first: broadsheet editions cancel ${onItsWay.id}`,
        });
      const ids = editions.map(({ id }) => id);
      await rememberLists(transaction, ids);
      await dropLedgers(transaction, ids);
      await transaction.deleteFrom('newsletters').where('id', '=', newsletterId).execute();
    }),
  );
}

/** Keeps to which lists editions went: their mails lie in mailboxes, and who leaves by one of them leaves these lists. */
async function rememberLists(db: Transaction<DB>, editionIds: number[]): Promise<void> {
  await sql`
    insert into former_editions (edition_id, newsletter, list_ids)
    select editions.id, newsletters.name,
      array(select list_id from newsletter_lists where newsletter_id = newsletters.id order by list_id)
    from editions join newsletters on newsletters.id = editions.newsletter_id
    where editions.id = any(${editionIds}::bigint[])
    on conflict do nothing`.execute(db);
}

/**
 * Drops what is kept of editions in tables of their own. It waits for sends that look at the whole ledger at the moment,
 * and they for it: not for long.
 * @param tables of which parts are dropped
 * @throws the database's error if the lock is not to be had in time
 */
export async function dropLedgers(
  db: Transaction<DB>,
  editionIds: number[],
  tables = ['deliveries', 'engagement'],
): Promise<void> {
  await sql`set local lock_timeout = ${sql.lit(lockWait)}`.execute(db);
  for (const id of editionIds)
    for (const table of tables) await sql`select drop_edition_part(${table}, ${id})`.execute(db);
}

async function locking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== lockNotAvailable) throw error;
    throw new UserError('Sending keeps the ledger busy, so nothing was removed.', {
      code: 'busy',
      hint: 'Try again when no edition is being sent.',
      cause: error,
    });
  }
}
