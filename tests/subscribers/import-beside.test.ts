import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { findSubscriber, showSubscriber } from '../../src/subscribers/find.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { removeList } from '../../src/subscribers/lists-use.ts';
import { removeSubscriber, subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import type { TestContext } from '../support/context.ts';
import { contextWithList, load } from '../support/imports.ts';

/** Waits until a connection of this database waits for a lock. */
async function untilSomebodyWaits({ db }: TestContext): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    );
    if (rows.length > 0) return;
    await sleep(10);
  }
  throw new Error('Nobody waited.');
}

/** Imports a known person while somebody else, who has their row, does something to them. */
async function importBeside(meanwhile: (context: TestContext, id: number) => Promise<unknown>) {
  const context = await contextWithList();
  await createList(context, { name: 'Daily' });
  await subscribe(context, { via: 'admin', email: 'a@example.com', list: 'daily', confirmed: true });
  const id = await findSubscriber(context, 'a@example.com');
  const { importing } = await context.db.transaction().execute(async (trx) => {
    await trx.selectFrom('subscribers').select('id').where('id', '=', id).forUpdate().execute();
    const started = load(context, 'email\na@example.com\nb@example.com\n');
    started.catch(() => {});
    await untilSomebodyWaits(context);
    await meanwhile({ ...context, db: trx }, id);
    // Not awaited: it ends when this transaction has.
    return { importing: started };
  });
  return { context, result: await importing };
}

test('who leaves everything while their row is imported is put on no list', async () => {
  const { context, result } = await importBeside((inside, id) =>
    unsubscribe(inside, id, 'all', { via: 'page' }),
  );
  expect(result).toMatchObject({ added: 1, suppressed: 1 });
  expect((await showSubscriber(context, 'a@example.com')).subscriptions).toMatchObject([
    { slug: 'daily', state: 'unsubscribed' },
  ]);
});

test('who is erased while their row is imported stays erased, and the import goes on', async () => {
  const { context, result } = await importBeside((inside, id) =>
    inside.db.deleteFrom('subscribers').where('id', '=', id).execute(),
  );
  // Here only the row went, and so they are new; an erasure keeps a suppression too.
  expect(result).toMatchObject({ added: 2 });
  await removeSubscriber(context, await findSubscriber(context, 'a@example.com'), { via: 'admin' });
  expect(await load(context, 'email\na@example.com\n')).toMatchObject({ added: 0, suppressed: 1 });
});

test.each(['subscribe', 'unsubscribe'] as const)(
  'a list that is removed in the middle stops its import (%s), and is told',
  async (mode) => {
    const context = await contextWithList();
    for (const email of ['a@example.com', 'b@example.com'])
      await subscribe(context, {
        via: 'admin',
        email,
        list: (await createList(context, { name: email })).id,
        confirmed: true,
      });
    async function* file() {
      // More than is looked at before the import begins.
      yield Buffer.from(`email,about\na@example.com,${'x'.repeat(70_000)}\n`);
      await removeList(context, 'weekly');
      yield Buffer.from('b@example.com,\n');
    }
    const importing = importSubscribers(context, file(), {
      list: 'weekly',
      mode,
      consent: 'fair',
      rowsAtOnce: 1,
    });
    await expect(importing).rejects.toMatchObject({
      message: expect.stringContaining('stopped: The list was removed meanwhile. '),
      hint: expect.stringContaining('cannot go on'),
    });
    const { rows } = await sql`select from subscriptions where state = 'unsubscribed'`.execute(context.db);
    expect(rows).toEqual([]);
  },
);
