import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { logConsent } from '../../src/subscribers/consent.ts';
import { countPerson, eraseAddress, removeSubscriber } from '../../src/subscribers/erasure.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { exportAddress, exportPerson, personHtml } from '../../src/subscribers/person-export.ts';
import { rowsInParts } from '../../src/subscribers/person-parts.ts';
import { personTables } from '../../src/subscribers/person-tables.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

/** Columns that may say something of a person, and tables that hold such columns and say nothing. */
const suspicious = /subscriber|e?mail|person|recipient|rcpt|^ip$|^body$|^name$|^raw$/;
const aboutNoPerson: Record<string, string> = {
  api_tokens: 'name of a program',
  audit_log: 'who works at the desk, and did what: staff, not subscribers',
  delivery_batches: 'ranges of ids',
  editions: 'what was planned, in numbers',
  feedback_seen: 'ids of messages in a mailbox',
  imports: 'counts, and names of files',
  lists: 'name of a list',
  newsletters: 'name and sender of a newsletter',
  route_groups: 'domains of mail providers',
  routes: 'name of a route',
  segments: 'name of a filter',
  settings: 'names of settings',
  sources: 'name of a source',
  throttle_states: 'domains of mail providers',
  topics: 'name of a topic',
  user_sessions: 'who works at the desk: staff, not subscribers',
  users: 'who works at the desk: staff, not subscribers',
  webhooks: 'name of a receiver',
};

test('no table that could hold a person is forgotten', async () => {
  const { db } = await createTestContext();
  const { rows } = await sql<{ table: string; column: string }>`
    select columns.table_name as "table", columns.column_name as "column"
    from information_schema.columns
    join information_schema.tables using (table_schema, table_name)
    join pg_class on pg_class.oid = format('%I.%I', columns.table_schema, columns.table_name)::regclass
    where table_schema = 'public' and table_type = 'BASE TABLE' and not relispartition
      and table_name not like 'kysely%'
    order by 1, 2`.execute(db);
  const withPersons = new Set(rows.filter(({ column }) => suspicious.test(column)).map(({ table }) => table));
  const known = new Set([...Object.keys(personTables), ...Object.keys(aboutNoPerson)]);
  expect([...withPersons].filter((table) => !known.has(table))).toEqual([]);
  // And nothing stands in the lists that is not there any more.
  const tables = new Set(rows.map(({ table }) => table));
  expect([...known].filter((table) => !tables.has(table))).toEqual([]);
});

/** Someone of whom every table holds something, and someone like them. */
async function known() {
  const context = await createTestContext();
  const { db } = context;
  const { listId, subscriberIds } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const [one = 0, other = 0] = subscriberIds;
  for (const id of [one, other]) await fill(context, { id, listId, editionId });
  return { context, db, listId, editionId, one, other };
}

const emailOf = (id: number, ids: { one: number }) =>
  id === ids.one ? 'reader1@example.com' : 'reader2@example.com';

async function fill(
  context: TestContext,
  { id, listId, editionId }: { id: number; listId: number; editionId: number },
): Promise<void> {
  const { db } = context;
  const person = await db
    .selectFrom('subscribers')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { email, email_hash: hash } = person;
  const now = context.clock.now();
  await db
    .updateTable('subscribers')
    .set({ name: `Name of ${email}` })
    .where('id', '=', id)
    .execute();
  await logConsent(context, hash, 'confirmed', listId, {
    via: 'link',
    ip: `203.0.113.${id}`,
    page: '/confirm/TOKEN',
    evidence: { userAgent: `Browser of ${email}` },
  });
  await suppress(context, {
    address: { hash, email },
    listId,
    reason: 'bounce',
    note: `${email} is full`,
    expiresAt: new Date(now.getTime() - 1000),
  });
  await sql`
    update suppressions set import_id = 1, import_before = ${JSON.stringify({ note: `${email} before` })}::jsonb
    where email_hash = ${hash}`.execute(db);
  await sql`
    update deliveries set state = 'accepted', stories = '{0,1}', settled_at = ${now},
      detail = ${`250 2.1.5 <${email}> will get it`}
    where subscriber_id = ${id}`.execute(db);
  await sql`
    insert into engagement (edition_id, subscriber_id, kind, position, times, first_at, last_at)
    values (${editionId}, ${id}, 'click', 0, 2, ${now}, ${now}), (${editionId}, ${id}, 'open', -1, 3, ${now}, ${now})`.execute(
    db,
  );
  await sql`
    insert into feedback_events (external_id, source, kind, detail, edition_id, subscriber_id, email_hash, action, at, recorded_at)
    values (${`about-${id}`}, 'smtp', 'soft', 'the words of a server', ${editionId}, ${id}, ${hash}, 'counted', ${now}, ${now}),
           (${`unmatched-${id}`}, 'smtp', 'hard', 'other words', null, null, ${hash}, 'unmatched', ${now}, ${now})`.execute(
    db,
  );
  await sql`insert into sunset_asks (list_id, subscriber_id, found_at) values (${listId}, ${id}, ${now})`.execute(
    db,
  );
  await sql`insert into goodbyes_due (subscriber_id, list_id, since) values (${id}, ${listId}, ${now})`.execute(
    db,
  );
  const { id: importId } = await db
    .insertInto('imports')
    .values({ mode: 'update', list_id: listId, started_at: now, updated_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into import_changes (import_id, subscriber_id, person)
    values (${importId}, ${id}, ${JSON.stringify({ name: `Former name of ${email}` })}::jsonb)`.execute(db);
  await sql`
    insert into webhook_events (kind, at, subscriber_id, email_hash) values ('subscriber.bounced', ${now}, ${id}, ${hash})`.execute(
    db,
  );
  await sql`
    insert into api_calls (caller, key_hash, request_hash, began_at, lease_until, status, body)
    values ('test', ${createHash('sha256').update(email).digest()}, '\\x00', ${now}, ${now}, 200, ${JSON.stringify({ email })})`.execute(
    db,
  );
  await sql`
    insert into seed_addresses (newsletter_id, email, email_key, email_hash)
    select id, ${email}, ${email}, sha256(convert_to(${email}, 'UTF8')) from newsletters limit 1`.execute(db);
  await db
    .insertInto('inbox_messages')
    .values({
      received_at: now,
      mail_from: 'news@harbour.example.com',
      // Addresses are the same in any case.
      rcpt_to: [email.replace('reader', 'Reader')],
      subject: 'Welcome',
      raw: Buffer.from(`To: ${email}\r\n\r\nWelcome`),
    })
    .execute();
}

/** Every row of the database as text, by table. */
async function dump({ db }: TestContext): Promise<{ table: string; row: string }[]> {
  const { rows: tables } = await sql<{ table: string }>`
    select format('%I.%I', schemaname, tablename) as "table" from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(db);
  const all = [];
  for (const { table } of tables) {
    const { rows } = await sql<{
      row: string;
    }>`select whole::text as row from ${sql.raw(table)} as whole`.execute(db);
    all.push(...rows.map(({ row }) => ({ table, row })));
  }
  return all;
}

test('an export holds all that any table knows of a person, and nothing of another', async () => {
  const { context, one } = await known();
  const exported = await exportPerson(context, one);
  expect(Object.keys(exported.tables).sort()).toEqual(Object.keys(personTables).sort());
  expect(exported).toMatchObject({
    format: 'broadsheet-person-1',
    subscriberId: one,
    email: 'reader1@example.com',
  });
  const { tables } = exported;
  expect(tables.deliveries?.rows).toMatchObject([{ newsletter: 'The Harbour Post', state: 'accepted' }]);
  expect(tables.engagement?.rows).toHaveLength(2);
  expect(tables.engagement?.rows.find(({ kind }) => kind === 'click')?.story).toEqual(expect.any(String));
  expect(tables.consent_log?.rows).toMatchObject([
    { act: 'confirmed', ip: `203.0.113.${one}`, list: 'readers' },
  ]);
  const json = JSON.stringify(exported);
  expect(json).toContain('Former name of reader1@example.com');
  expect(json).not.toContain('reader2');
  // The same by the address, in any spelling.
  expect((await exportAddress(context, 'Reader1@EXAMPLE.com')).tables).toEqual(tables);

  const html = personHtml(exported);
  expect(html).toContain('What is kept about reader1@example.com');
  for (const { title } of Object.values(tables)) expect(html).toContain(`<h2>${title} `);
});

test('what people wrote cannot become markup in the page', async () => {
  const { context, one, db } = await known();
  await db
    .updateTable('subscribers')
    .set({ name: '<script>alert(1)</script>' })
    .where('id', '=', one)
    .execute();
  const html = personHtml(await exportPerson(context, one));
  expect(html).not.toContain('<script');
  expect(html).toContain('&lt;script&gt;');
});

test('erasure leaves no trace of a person in any table, and the other person and all sums as they were', async () => {
  const { context, db, editionId, one, other } = await known();
  const before = await deliveryReport(context, editionId);
  const theirs = await exportPerson(context, other);
  const planned = await countPerson(context, {
    id: one,
    key: 'reader1@example.com',
    hash: parseAddress('reader1@example.com').hash,
  });
  expect(Object.keys(planned).sort()).toEqual(Object.keys(personTables).sort());

  await removeSubscriber(context, one, { via: 'admin', ip: '198.51.100.1' });

  const { hash } = parseAddress(emailOf(one, { one }));
  const rows = await dump(context);
  expect(rows.filter(({ row }) => /reader1|203\.0\.113\.(?!2\b)\d|198\.51/i.test(row))).toEqual([]);
  // The hash stands where it keeps imports off and proves consent, and nowhere else.
  const withHash = rows.filter(({ row }) => row.includes(hash.toString('hex'))).map(({ table }) => table);
  expect([...new Set(withHash)].sort()).toEqual(['public.consent_log', 'public.suppressions']);
  const lines = await db
    .selectFrom('consent_log')
    .selectAll()
    .where('email_hash', '=', hash)
    .orderBy('id')
    .execute();
  expect(lines).toMatchObject([
    { act: 'confirmed', via: 'link', ip: null, page: null, evidence: {} },
    { act: 'removed', ip: null, evidence: {} },
  ]);

  const after = await deliveryReport(context, editionId);
  expect(after).toEqual(before);
  expect(after.sums).toBe(true);
  const clicks = await sql<{ kind: string; times: number }>`
    select kind, sum(times)::integer as times from (
      select kind, times from engagement union all select kind, times from engagement_counts) as all_of_them
    group by kind order by kind`.execute(db);
  expect(clicks.rows).toEqual([
    { kind: 'click', times: 4 },
    { kind: 'open', times: 6 },
  ]);
  expect(await db.selectFrom('engagement').select('subscriber_id').distinct().execute()).toEqual([
    { subscriber_id: other },
  ]);
  expect(await exportPerson(context, other)).toEqual(theirs);
});

test('what editions hold of a person is found by groups of them, which lock their own parts alone', async () => {
  const { context, db, editionId, one } = await known();
  const { newsletter_id } = await getEdition(context, editionId);
  for (const days of [1, 2]) {
    const id = await seedEdition(
      context,
      newsletter_id,
      undefined,
      new Date(context.clock.now().getTime() + days * 86_400_000),
    );
    await planDeliveries(context, id);
  }
  const person = { id: one, key: '', hash: Buffer.alloc(0) };
  const { deliveries } = personTables;
  const all = await rowsInParts(db, deliveries, person, 2);
  expect(all.map(({ edition_id, subscriber_id }) => [Number(edition_id) - editionId, subscriber_id])).toEqual(
    [0, 1, 2].map((after) => [after, one]),
  );
  expect(await rowsInParts(db, deliveries, { ...person, id: null })).toEqual([]);
  await db.transaction().execute(async (trx) => {
    await deliveries.rows(person, [editionId]).execute(trx);
    await deliveries.forget(trx, person, [editionId]);
    await personTables.engagement.rows(person, [editionId]).execute(trx);
    await personTables.engagement.forget(trx, person, [editionId]);
    const { rows } = await sql<{ name: string }>`
      select distinct relname as name from pg_locks join pg_class on pg_class.oid = relation
      where pid = pg_backend_pid() and relkind = 'r' and relname ~ '^(deliveries|engagement)_e' order by 1`.execute(
      trx,
    );
    expect(rows.map(({ name }) => name)).toEqual([`deliveries_e${editionId}`, `engagement_e${editionId}`]);
  });
});

test('who was erased is not brought back by an import, a form or an admin', async () => {
  const { context, one } = await known();
  await removeSubscriber(context, one, { via: 'admin' });
  const csv = async function* () {
    yield Buffer.from('email\nreader1@example.com\nnew@example.com\n');
  };
  const result = await importSubscribers(context, csv(), { list: 'readers', consent: 'an old file' });
  expect(result).toMatchObject({ added: 1, suppressed: 1 });
  for (const via of ['form', 'admin', 'api'])
    expect(await subscribe(context, { via, email: 'Reader1@example.com', list: 'readers' })).toMatchObject({
      state: 'suppressed',
      suppression: 'erasure',
    });
  await expect(removeSubscriber(context, one, { via: 'admin' })).rejects.toThrow('There is no subscriber');
});

test('an address that nobody is subscribed with can be exported and erased too', async () => {
  const context = await createTestContext();
  const address = parseAddress('stranger@example.com');
  await suppress(context, { address, reason: 'manual', note: 'stranger@example.com wrote a letter' });
  const exported = await exportAddress(context, 'stranger@example.com');
  expect(exported).toMatchObject({ subscriberId: null });
  expect(exported.tables.suppressions?.rows).toMatchObject([{ reason: 'manual' }]);
  await eraseAddress(context, 'Stranger@example.com', { via: 'admin' });
  expect((await dump(context)).filter(({ row }) => row.includes('stranger'))).toEqual([]);
  expect(await isSuppressed(context, address.hash)).toMatchObject({ reason: 'erasure' });
});
