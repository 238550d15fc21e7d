import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { logConsent } from '../../src/subscribers/consent.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { findImport, listImports } from '../../src/subscribers/import/record.ts';
import { undoImport } from '../../src/subscribers/import/undo.ts';
import { type ImportOptions, importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe, unsubscribe, updatePreferences } from '../../src/subscribers/subscribe.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedNewsletter } from '../support/seed.ts';

async function withList() {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Weekly' });
  return { context, list };
}

async function load(context: TestContext, text: string, options: Partial<ImportOptions> = {}) {
  context.clock.advance(60_000);
  const file = (async function* () {
    yield Buffer.from(text);
  })();
  return importSubscribers(context, file, { list: 'weekly', consent: 'Signed up at the fair', ...options });
}

/** Everything that imports and their undoing may touch, but for the log and the imports themselves. */
async function everything(context: TestContext) {
  const people = await context.db.selectFrom('subscribers').selectAll().orderBy('id').execute();
  const subscriptions = await context.db
    .selectFrom('subscriptions')
    .selectAll()
    .orderBy('subscriber_id')
    .orderBy('list_id')
    .execute();
  const suppressions = await context.db.selectFrom('suppressions').selectAll().orderBy('id').execute();
  return { people, subscriptions, suppressions };
}

async function undo(context: TestContext, id: number | null) {
  context.clock.advance(60_000);
  const preview = await undoImport(context, id ?? 0, { preview: true });
  const result = await undoImport(context, id ?? 0);
  expect(result).toEqual(preview);
  return result;
}

test('undoing leaves everything as it was before the import', async () => {
  const { context } = await withList();
  await load(context, 'email,name,topics,field.city\na@example.com,Anna,sport,Ulm\nb@example.com,Bo,,\n');
  await subscribe(context, { via: 'form', email: 'waits@example.com', list: 'weekly' });
  await createList(context, { name: 'Daily' });
  await subscribe(context, { via: 'admin', email: 'other@example.com', list: 'daily', confirmed: true });
  const before = await everything(context);

  const result = await load(
    context,
    [
      'email,name,topics,language,tags,field.city',
      'a@example.com,Anne,science,de,vip,Bonn',
      'b@example.com,Bo,,,,',
      'waits@example.com,,,,,',
      'other@example.com,Otto,,,,',
      'new@example.com,New,,,,',
    ].join('\n'),
  );
  expect(result).toMatchObject({ added: 2, updated: 2, unchanged: 1 });
  expect(await showSubscriber(context, 'a@example.com')).toMatchObject({ name: 'Anne', language: 'de' });

  expect(await undo(context, result.importId)).toMatchObject({ removed: 1, leftList: 1, kept: 0 });
  expect(await everything(context)).toEqual(before);
  expect((await findImport(context, result.importId ?? 0)).state).toBe('undone');
  const { consent } = await showSubscriber(context, 'a@example.com');
  expect(consent[0]).toMatchObject({
    act: 'changed',
    via: 'import',
    evidence: { import: result.importId, undone: true },
  });
  await expect(undoImport(context, result.importId ?? 0)).rejects.toThrow('was undone already');
});

test('what somebody changed since the import stays', async () => {
  const { context, list } = await withList();
  const { importId } = await load(
    context,
    'email,name\na@example.com,Anna\nb@example.com,Bo\nc@example.com,Cy\n',
  );
  context.clock.advance(60_000);
  const { id } = await showSubscriber(context, 'a@example.com');
  await updatePreferences(context, id, { name: 'Anna B.' }, { via: 'preferences' });
  const b = await showSubscriber(context, 'b@example.com');
  await updatePreferences(
    context,
    b.id,
    { lists: [{ listId: list.id, frequency: 'weekly' }] },
    { via: 'preferences' },
  );
  expect(await undo(context, importId)).toMatchObject({
    removed: 1,
    leftList: 1,
    kept: 2,
    keptBecause: { changed: 2 },
  });
  const { people } = await everything(context);
  expect(people.map(({ email, name }) => [email, name])).toEqual([
    ['a@example.com', 'Anna B.'],
    ['b@example.com', 'Bo'],
  ]);
  // Anna changed her name, not her subscription; Bo's subscription is his own by now.
  expect((await showSubscriber(context, 'a@example.com')).subscriptions).toEqual([]);
  expect((await showSubscriber(context, 'b@example.com')).subscriptions).toMatchObject([
    { frequency: 'weekly', state: 'confirmed' },
  ]);
});

test('whoever acted or was sent an edition since stays known, but not on the list', async () => {
  const { context, list } = await withList();
  const addresses = ['clicked', 'mailed', 'asked', 'scanned', 'planned', 'untouched'].map(
    (name) => `${name}@example.com`,
  );
  const { importId } = await load(context, `email\n${addresses.join('\n')}\n`);
  const { db, clock } = context;
  clock.advance(60_000);
  const newsletter = await seedNewsletter(context, [list.id]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const idOf = async (name: string) => (await showSubscriber(context, `${name}@example.com`)).id;
  await db.updateTable('deliveries').set({ state: 'skipped' }).execute();
  await db
    .updateTable('deliveries')
    .set({ state: 'planned' })
    .where('subscriber_id', '=', await idOf('planned'))
    .execute();
  await db
    .updateTable('deliveries')
    .set({ state: 'accepted' })
    .where('subscriber_id', 'in', [await idOf('mailed'), await idOf('clicked')])
    .execute();
  const at = clock.now();
  await db
    .insertInto('engagement')
    .values(
      [
        { subscriber_id: await idOf('clicked'), source: 'person' },
        { subscriber_id: await idOf('scanned'), source: 'scanner' },
      ].map((each) => ({ ...each, edition_id: editionId, kind: 'click', first_at: at, last_at: at })),
    )
    .execute();
  const { emailHash } = await db
    .selectFrom('subscribers')
    .select('email_hash as emailHash')
    .where('id', '=', await idOf('asked'))
    .executeTakeFirstOrThrow();
  await logConsent(context, emailHash, 'requested', list.id, { via: 'form' });

  expect(await undo(context, importId)).toMatchObject({
    removed: 3,
    leftList: 3,
    kept: 3,
    keptBecause: { changed: 0, acted: 2, mailed: 1 },
  });
  const { people, subscriptions } = await everything(context);
  expect(people.map(({ email }) => email)).toEqual(addresses.slice(0, 3));
  expect(subscriptions).toEqual([]);
});

test('who left while an import had them unsubscribed stays out when it is undone', async () => {
  const { context, list } = await withList();
  await load(context, 'email\na@example.com\nb@example.com\nc@example.com\n');
  const ids = new Map<string, number>();
  for (const name of ['a', 'b', 'c'])
    ids.set(name, (await showSubscriber(context, `${name}@example.com`)).id);
  const options = { mode: 'unsubscribe', list: undefined, consent: 'Asked to' } as const;
  const { importId } = await load(context, 'email\na@example.com\nb@example.com\nc@example.com\n', options);
  context.clock.advance(60_000);
  expect(await unsubscribe(context, ids.get('a') ?? 0, [list.id], { via: 'one-click' })).toEqual({
    left: [],
  });
  await unsubscribe(context, ids.get('b') ?? 0, 'all', { via: 'page' });
  await undo(context, importId);
  const { subscriptions, suppressions } = await everything(context);
  expect(subscriptions.map(({ state }) => state)).toEqual(['unsubscribed', 'unsubscribed', 'confirmed']);
  expect(suppressions.map(({ email, list_id }) => [email, list_id])).toEqual(
    expect.arrayContaining([
      ['a@example.com', list.id],
      ['b@example.com', null],
    ]),
  );
  expect((await showSubscriber(context, 'a@example.com')).consent).toContainEqual(
    expect.objectContaining({ act: 'unsubscribed', via: 'one-click' }),
  );
});

test('of two imports of the same people, the later is undone first', async () => {
  const { context } = await withList();
  const first = await load(context, 'email,name\na@example.com,Anna\n');
  const afterFirst = await everything(context);
  const second = await load(context, 'email,name\na@example.com,Anne\nb@example.com,Bo\n');
  expect(await undo(context, second.importId)).toMatchObject({ removed: 1, restored: 1 });
  expect(await everything(context)).toEqual(afterFirst);
  expect(await undo(context, first.importId)).toMatchObject({ removed: 1 });
  expect((await everything(context)).people).toEqual([]);
  expect((await listImports(context)).map(({ state }) => state)).toEqual(['undone', 'undone']);
});

test('two imports of the same people are undone in either order, and nothing is lost', async () => {
  const { context } = await withList();
  await createList(context, { name: 'Daily' });
  const old = { via: 'admin', email: 'old@example.com', list: 'weekly', confirmed: true };
  await subscribe(context, { ...old, name: 'Original', topics: ['sport'] });
  const before = await everything(context);
  const first = await load(context, 'email,name,topics\nold@example.com,One,science\nnew@example.com,New,\n');
  const second = await load(
    context,
    'email,name,topics\nold@example.com,Two,city\nnew@example.com,Newer,city\n',
  );
  const third = await load(context, 'email\nnew@example.com\n', { list: 'daily' });
  // What the second wrote on top stays.
  expect(await undo(context, first.importId)).toMatchObject({ removed: 0, restored: 0, kept: 2 });
  expect(await showSubscriber(context, 'old@example.com')).toMatchObject({
    name: 'Two',
    subscriptions: [{ topics: ['city'] }],
  });
  expect(await undo(context, second.importId)).toMatchObject({ removed: 0, restored: 3, leftList: 1 });
  expect(await undo(context, third.importId)).toMatchObject({ removed: 1 });
  expect(await everything(context)).toEqual(before);
});

test('whom an undone import made goes with the last that holds them, unless they acted in between', async () => {
  const { context } = await withList();
  await createList(context, { name: 'Daily' });
  const file = 'email\nidle@example.com\nactive@example.com\n';
  const first = await load(context, file);
  context.clock.advance(60_000);
  const { hash } = parseAddress('active@example.com');
  await logConsent(context, hash, 'changed', null, { via: 'preferences' });
  const second = await load(context, file, { list: 'daily' });
  await undo(context, first.importId);
  expect((await everything(context)).subscriptions).toHaveLength(2);
  expect(await undo(context, second.importId)).toMatchObject({ removed: 1, leftList: 1 });
  const { people, subscriptions } = await everything(context);
  expect(people.map(({ email }) => email)).toEqual(['active@example.com']);
  expect(subscriptions).toEqual([]);
});

test.each(['unsubscribe', 'suppress'] as const)('an import that was to %s is undone', async (mode) => {
  const { context } = await withList();
  await load(context, 'email\na@example.com\nb@example.com\n');
  const { db } = context;
  await db
    .insertInto('suppressions')
    .values({
      email_hash: (
        await db.selectFrom('subscribers').select('email_hash').orderBy('id').executeTakeFirstOrThrow()
      ).email_hash,
      email: 'a@example.com',
      reason: 'bounce',
      created_at: context.clock.now(),
      expires_at: new Date(context.clock.now().getTime() + 86_400_000),
    })
    .execute();
  const before = await everything(context);
  const result = await load(context, 'email\na@example.com\nunknown@example.com\n', {
    mode,
    list: undefined,
    consent: 'Asked to',
  });
  expect(result.rows).toBe(2);
  expect((await everything(context)).suppressions.length).toBeGreaterThan(before.suppressions.length);
  await undo(context, result.importId);
  expect(await everything(context)).toEqual(before);
});
