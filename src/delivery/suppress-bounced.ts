import type { Context } from '../context.ts';

/** Suppresses addresses whose mailbox does not exist, so that no list mails them again. */
export async function suppressBounced(
  context: Context,
  editionId: number,
  subscriberIds: number[],
): Promise<void> {
  if (subscriberIds.length === 0) return;
  const people = await context.db
    .selectFrom('subscribers')
    .select(['email', 'email_hash'])
    .where('id', 'in', subscriberIds)
    .execute();
  if (people.length === 0) return;
  await context.db
    .insertInto('suppressions')
    .values(
      people.map((person) => ({
        email_hash: person.email_hash,
        email: person.email,
        reason: 'bounce',
        note: `refused as unknown when edition ${editionId} was sent`,
        created_at: context.clock.now(),
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
