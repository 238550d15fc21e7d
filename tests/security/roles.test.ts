import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createSession, findSession } from '../../src/access/sessions.ts';
import { createUser } from '../../src/access/users.ts';
import { loadConfig } from '../../src/config.ts';
import { connectTo, type Database, openDatabase } from '../../src/db/connect.ts';
import { rolesSql } from '../../src/db/roles.ts';
import { dropOldLedgers } from '../../src/delivery/old-ledgers.ts';
import { removeEdition } from '../../src/delivery/remove-editions.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { ensureEdition, getEdition } from '../../src/editions/editions.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { startWorker } from '../../src/schedule/worker.ts';
import { addSource } from '../../src/stories/sources.ts';
import { eraseAddress } from '../../src/subscribers/erasure.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { applyRetention } from '../../src/subscribers/retention.ts';
import { startSite } from '../../src/web/site.ts';
import { inProcess } from '../cli/in-process.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { rss, startHttp } from '../support/feeds.ts';
import { load } from '../support/imports.ts';
import { seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';
import { TestBrowser } from '../web/desk/access-site.ts';

/** A new database with an owner of its own, and the names of two roles that exist beside it. */
async function ownedDatabase(context: TestContext) {
  const { pool } = context.database;
  const tag = `r${randomBytes(5).toString('hex')}`;
  const [name, owner, app, reports] = [
    `test_${process.pid}_${tag}`,
    `${tag}_owner`,
    `${tag}_app`,
    `${tag}_reports`,
  ];
  for (const role of [owner, app, reports]) await pool.query(`create role ${role} login`);
  await pool.query(`create database ${name} owner ${owner}`);
  const open: Database[] = [];
  onTestFinished(async () => {
    for (const each of open) await each.close();
    await pool.query(`drop database ${name} with (force)`);
    await pool.query(`drop role ${owner}, ${app}, ${reports}`);
  });
  const as = (role: string) => {
    const database = connectTo({ host: inject('socketFolder'), user: role, database: name }, 3);
    open.push(database);
    return database;
  };
  const environment = (role: string) => ({
    ...context.environment,
    DATABASE_URL: `postgres://${role}@${encodeURIComponent(inject('socketFolder'))}/${name}`,
    EMBEDDINGS: 'off',
  });
  return { owner, app, reports, as, environment };
}

const refusedBy = (database: Database, statement: string) =>
  database.pool.query(statement).then(
    () => 'done',
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  );

test('the whole program works as a role that owns nothing, makes nothing and cannot change what its logs say', {
  timeout: 180_000,
}, async () => {
  const context = await createTestContext({}, '2026-11-24T06:59:00Z');
  const { owner, app, reports, as, environment } = await ownedDatabase(context);
  const migrated = await inProcess(environment(owner), 'db', 'migrate', '--json');
  expect(migrated).toMatchObject({ code: 0, err: '' });
  expect((JSON.parse(migrated.out) as { migrated: string[] }).migrated.length).toBeGreaterThan(20);
  const printed = await inProcess(
    environment(owner),
    'db',
    'roles',
    '--app',
    app,
    '--reports',
    reports,
    '--apply',
  );
  expect(printed).toMatchObject({ code: 0, err: '' });
  // Roles that were there before get their settings in this database too, from one who may set them.
  const all = as('broadsheet');
  await all.pool.query(await rolesSql(all, { app, reports }));
  const { rows: settings } = await as(reports).pool.query(
    `select current_setting('default_transaction_read_only') as reads, current_setting('statement_timeout') as longest`,
  );
  expect(settings).toEqual([{ reads: 'on', longest: '1min' }]);
  await all.pool.query(
    `do $$ begin execute format('alter role ${reports} in database %I reset all', current_database()); end $$`,
  );

  // As a process of that role does: it looks whether the schema is current.
  const smtp = await startSmtp();
  const config = { ...loadConfig(environment(app), context.config.home), smtpUrl: smtp.url };
  const database = await openDatabase(config, { connections: 8 });
  onTestFinished(() => database.close());
  const running: TestContext = { ...context, config, database, db: database.db };

  await createList(running, { name: 'Weekly' });
  const file = `email,name\n${Array.from({ length: 5 }, (_, n) => `reader${n}@example.com,Reader ${n}`).join('\n')}\n`;
  expect(await load(running, file)).toMatchObject({ added: 5 });
  const items = ['Ferry rides the tide', 'Bridge hums again', 'Lighthouse lit'].map((title, n) => ({
    title,
    url: `https://news.example.com/${n}`,
    publishedAt: new Date('2026-11-24T05:00:00Z'),
  }));
  const feed = await startHttp((_, response) => {
    response.setHeader('Content-Type', 'application/rss+xml');
    response.end(rss('Harbour Herald', items));
  });
  await addSource(running, `${feed}/`, { kind: 'feed', name: 'Herald' });
  const { id: listId } = await running.db.selectFrom('lists').select('id').executeTakeFirstOrThrow();
  const newsletter = await seedNewsletter(running, [listId], { mode: 'automatic' });

  const worker = await startWorker(running, { connection: database.connection, sweepSeconds: 1 });
  const { edition } = await ensureEdition(running, newsletter.id, new Date('2026-11-24T07:00:00Z'));
  const editionId = edition.id;
  try {
    await until('the stories', () => running.db.selectFrom('stories').select('id').executeTakeFirst());
    context.clock.set('2026-11-24T07:00:01Z');
    // The worker's own look at what is due may be first.
    await produceEdition(running, editionId);
    await until('the edition to be sent', async () => {
      const { state } = await getEdition(running, editionId);
      return state === 'sent' || undefined;
    });
  } finally {
    await worker.stop();
  }
  expect(await deliveryReport(running, editionId)).toMatchObject({ planned: 5, accepted: 5, sums: true });

  const site = await startSite(running, { host: '127.0.0.1', port: 0 });
  const mail = smtp.received[0]?.raw.replace(/=\r?\n/g, '') ?? '';
  const clicked = /\/c\/[\w-]+\/\d+/.exec(mail)?.[0];
  const left = /\/unsubscribe\/[\w-]+/.exec(mail)?.[0];
  expect((await fetch(site.url + clicked, { redirect: 'manual' })).headers.get('location')).toContain(
    'https://news.example.com/',
  );
  expect(
    (
      await fetch(site.url + left, {
        method: 'POST',
        body: new URLSearchParams('List-Unsubscribe=One-Click'),
      })
    ).status,
  ).toBe(200);
  const admin = await createUser(running, { email: 'admin@example.com', name: 'Admin', role: 'admin' });
  const token = await createSession(running, admin.id, { ip: null, userAgent: null, how: 'password' });
  const browser = new TestBrowser(site.url, token, (await findSession(running, token))?.csrf);
  expect(await browser.get(`/desk/editions/${editionId}`)).toMatchObject({ status: 200 });
  await site.close();
  expect(await running.db.selectFrom('engagement').select('kind').execute()).toEqual([{ kind: 'click' }]);

  // What goes: a person, what was kept long enough, old ledgers, an edition.
  await eraseAddress(running, 'reader1@example.com', { via: 'admin' });
  context.clock.advance(1_200 * 86_400_000);
  await applyRetention(running);
  expect(await dropOldLedgers(running)).toMatchObject({ rows: 5 });
  await running.db.updateTable('editions').set({ state: 'cancelled' }).execute();
  await removeEdition(running, editionId);

  const owned = await database.pool.query(
    'select relname from pg_class where pg_get_userbyid(relowner) = current_user',
  );
  expect(owned.rows).toEqual([]);
  for (const statement of [
    'create table mine (id integer)',
    'create schema mine',
    'drop table subscribers',
    'alter table audit_log disable trigger all',
    'truncate subscribers',
    'delete from audit_log',
    'update consent_log set at = now()',
    'insert into kysely_migration (name, timestamp) values (1, 1)',
    'create table pgboss.mine (id integer)',
    'alter table deliveries add column mine text',
    'create or replace function note_story_change() returns trigger language sql as $$ select null $$',
    `set role ${owner}`,
    `copy stories to program 'id'`,
    `select pg_read_file('/etc/passwd')`,
    'select * from pg_authid',
  ])
    expect(await refusedBy(database, statement), statement).toMatch(/^42501 /);
  for (const [parent, edition] of [
    ["'subscribers'", '1'],
    [`'deliveries; drop table subscribers'`, '1'],
    ['null', '1'],
    ["'deliveries'", 'null'],
  ])
    expect(await refusedBy(database, `select drop_edition_part(${parent}, ${edition})`)).toMatch(/^22023 /);

  const migrations = 'from kysely_migration where name = (select max(name) from kysely_migration)';
  await as(owner).pool.query(`delete ${migrations}`);
  await expect(openDatabase(config)).rejects.toMatchObject({
    code: 'migration',
    hint: expect.stringContaining('"broadsheet db migrate" as the one that owns the tables'),
  });

  const reading = as(reports);
  for (const table of ['editions', 'stories', 'deliveries', 'engagement', 'newsletters'])
    expect(await refusedBy(reading, `select * from ${table}`), table).toBe('done');
  for (const statement of [
    'select email from subscribers',
    'select * from settings',
    'select * from user_sessions',
    'select * from routes',
    'select * from pgboss.job',
    'update editions set subject = null',
    'create table mine (id integer)',
    `select drop_edition_part('deliveries', 1)`,
    `select consent_log_forget_person('')`,
  ])
    expect(await refusedBy(reading, statement), statement).toMatch(/^42501 /);
  // Whatever a table is named that has to do with persons or secrets, it is none of those.
  const { rows } = await sql<{ name: string }>`
    select relname || '.' || attname as name from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0 and not attisdropped
      and has_table_privilege(${reports}, pg_class.oid, 'select')
      and relname || '.' || attname <> 'stories.content_hash' and attname ~ 'email|address_key|hash|secret|password|token|(^|_)ip$|recipient|note'
    order by 1`.execute(as(owner).db);
  expect(rows.map(({ name }) => name)).toEqual([]);
});

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`timed out waiting for ${what}`);
}
