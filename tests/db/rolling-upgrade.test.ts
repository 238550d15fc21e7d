import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { RecordedRelease } from '../../scripts/soak/record.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { applyBackup } from '../../src/db/backup/apply.ts';
import { readBackup } from '../../src/db/backup/file.ts';
import { backupParts } from '../../src/db/backup/read.ts';
import { withClient } from '../../src/db/backup/server.ts';
import { connectTo, openDatabase } from '../../src/db/connect.ts';
import { migrate, migrationFiles, migrationStatus } from '../../src/db/migrate.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { ensureEdition, getEdition } from '../../src/editions/editions.ts';
import { createLinkSigner } from '../../src/links.ts';
import { createLog } from '../../src/log.ts';
import { packageRoot } from '../../src/package-root.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { breakingChanges, shapeOf } from '../support/schema-changes.ts';
import { startSmtp } from '../support/smtp.ts';

const folder = join(import.meta.dirname, 'releases');
const secret = 'a-secret-for-tests-that-is-long-enough';

const releases = readdirSync(folder)
  .sort()
  .map((name) => {
    const release: RecordedRelease = JSON.parse(readFileSync(join(folder, name, 'release.json'), 'utf8'));
    return { name, ...release };
  });
const latest = releases.at(-1)?.name ?? '';
const unzipped = (release: string, file: string) =>
  gunzipSync(readFileSync(join(folder, release, file))).toString();

test('migrations that came after a release have higher numbers than all it had, each its own', () => {
  const files = readdirSync(join(packageRoot, 'migrations')).map((file) => file.replace(/\.ts$/, ''));
  const numbers = files.map((file) => file.slice(0, 4));
  expect(new Set(numbers).size).toBe(files.length);
  // Databases of the time before a release have 0023 without it.
  expect(files.filter((file) => file.startsWith('0022'))).toEqual([]);
  for (const { name, migration } of releases) {
    const backup = unzipped(name, 'backup.sql.gz');
    const had = files.filter((file) => backup.includes(file));
    expect(had.at(-1), name).toBe(migration);
    expect(
      files.filter((file) => !had.includes(file) && file < migration),
      name,
    ).toEqual([]);
  }
});

/** The data of a release in a database of their own, as that release had left them. */
async function restored(release: string): Promise<pg.ClientConfig> {
  const host = inject('socketFolder');
  const database = `${inject('databases')}_${randomBytes(5).toString('hex')}`;
  const at = (name: string) => ({ host, user: 'broadsheet', database: name });
  await withClient(at('postgres'), (admin) => admin.query(`create database ${database}`));
  onTestFinished(
    () =>
      void withClient(at('postgres'), (admin) =>
        admin.query(`drop database if exists ${database} with (force)`),
      ).catch(() => {}),
  );
  await withClient(at(database), async (client) => {
    await client.query('begin');
    await applyBackup(client, backupParts(readBackup(join(folder, release, 'backup.sql.gz'))));
    await client.query('commit');
  });
  return at(database);
}

async function migrated(connection: pg.ClientConfig): Promise<string[]> {
  const database = connectTo(connection, 2);
  try {
    return await migrate(database.db);
  } finally {
    await database.close();
  }
}

/** A number for the rows of each table, in the columns that are named. */
async function contents(client: pg.ClientBase, columns: string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [table, named] of Map.groupBy(columns, (column) => column.split('.')[0] ?? '')) {
    const list = named.map((column) => pg.escapeIdentifier(column.split('.')[1] ?? ''));
    const { rows } = await client.query<{ sum: string }>(
      `select count(*) || ' rows, ' || coalesce(sum(hashtextextended(row(${list.sort()})::text, 0)), 0) as sum from ${pg.escapeIdentifier(table)}`,
    );
    found[table] = rows[0]?.sum ?? '';
  }
  return found;
}

/** Those statements that Postgres cannot plan, and why. */
async function unplannable(client: pg.ClientBase, statements: string[]): Promise<Map<string, string>> {
  const wrong = new Map<string, string>();
  for (const statement of statements)
    try {
      await client.query(`explain (generic_plan) ${statement}`);
    } catch (error) {
      wrong.set(statement, (error as Error).message);
    }
  return wrong;
}

test.each(releases)(
  'from $name: the data stay, and its program goes on until it is replaced',
  async ({ name, migration }) => {
    const connection = await restored(name);
    const statements: string[] = JSON.parse(unzipped(name, 'statements.json.gz'));
    await withClient(connection, async (client) => {
      const before = await shapeOf(client);
      const columns = Object.keys(before.columns);
      const rows = await contents(client, columns);
      expect(rows.subscribers).toMatch(/^[1-9]\d+ rows/);
      const never = await unplannable(client, statements);
      expect(statements.length - never.size).toBeGreaterThan(100);

      await migrated(connection);
      const known = Object.keys(await migrationFiles());
      expect((await migrationStatus(connectedTo(connection))).map((each) => each.name)).toEqual(known);

      const contract = Object.entries(await migrationFiles()).find(
        ([file, { contract: ends }]) => file > migration && ends && ends.needs > migration,
      );
      // What programs of the latest release need may be taken away only after the next one.
      if (name === latest) expect(contract).toBeUndefined();
      const after = await shapeOf(client);
      expect(
        await contents(
          client,
          columns.filter((column) => after.columns[column]),
        ),
      ).toEqual(contract ? expect.anything() : rows);
      if (contract) return;
      expect(breakingChanges(before, after)).toEqual([]);
      const now = await unplannable(client, statements);
      expect([...now].filter(([statement]) => !never.has(statement))).toEqual([]);
    });
  },
);

const connectedTo = (connection: pg.ClientConfig) => {
  const database = connectTo(connection, 2);
  onTestFinished(() => database.close());
  return database.db;
};

test('workers of the last release and of this one send an edition together, whichever planned it', async () => {
  const connection = await restored(latest);
  await migrated(connection);
  const database = connectTo(connection, 6);
  onTestFinished(() => database.close());
  const home = temporaryFolder();
  const context = {
    config: loadConfig({ BROADSHEET_SECRET: secret, IMAGES: 'link' }, home),
    db: database.db,
    clock: systemClock,
    log: createLog('silent'),
  };
  const [theirs, ours] = [await startSmtp({ delayMs: 30 }), await startSmtp({ delayMs: 30 })];
  await context.db.updateTable('editions').set({ state: 'cancelled' }).where('state', '<>', 'sent').execute();

  const old = oldSender(latest, {
    socketFolder: String(connection.host),
    database: String(connection.database),
    home,
    settings: { BROADSHEET_SECRET: secret, IMAGES: 'link', SMTP_URL: theirs.url, SMTP_CONNECTIONS: '2' },
    clockOffsetMs: 0,
  });
  await once(old, 'message');
  const stopping = new AbortController();
  const sender = await startSender(context, {
    url: ours.url,
    connection,
    signer: createLinkSigner(secret),
    stopping: stopping.signal,
    lookup: async () => [],
  });
  onTestFinished(async () => {
    stopping.abort();
    await sender.stop();
  });

  // Enough for several batches.
  await sql`
    with people as (
      insert into subscribers (email, email_key, email_hash)
      select email, email, sha256(email::bytea)
      from (select 'another' || number || '@readers.test' as email from generate_series(1, 150) as number) as made
      returning id)
    insert into subscriptions (subscriber_id, list_id, state, confirmed_at)
    select people.id, lists.id, 'confirmed', now() from people, lists`.execute(context.db);
  const newsletters = await context.db.selectFrom('newsletters').select('id').orderBy('id').execute();
  const byUs = await approvedCopy(context, newsletters[0]?.id ?? 0);
  await planDeliveries(context, byUs);
  // The old one looks for approved editions, and plans them.
  const byThem = await approvedCopy(context, newsletters[1]?.id ?? 0);
  for (const editionId of [byUs, byThem]) {
    for (let tries = 0; (await getEdition(context, editionId)).state !== 'sent'; tries++) {
      if (tries > 1500)
        throw new Error(`not sent: ${JSON.stringify(await deliveryReport(context, editionId))}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    const report = await deliveryReport(context, editionId);
    expect(report).toMatchObject({ accepted: report.planned, sums: true });
    expect(report.planned).toBeGreaterThan(0);
  }
  const mails = [...theirs.received, ...ours.received];
  expect(new Set(mails.map(({ raw }) => /^message-id: (\S+)/im.exec(raw)?.[1])).size).toBe(mails.length);
  expect(theirs.received.length).toBeGreaterThan(0);
  expect(ours.received.length).toBeGreaterThan(0);
}, 120_000);

/** The sender of a release as it was recorded, in a process of its own. */
function oldSender(release: string, request: object) {
  // Below the package, so that it finds what it imports.
  const place = join(packageRoot, 'node_modules/.cache/broadsheet-releases');
  mkdirSync(place, { recursive: true });
  const file = join(place, `${release}-${process.pid}.mjs`);
  writeFileSync(file, unzipped(release, 'sender.mjs.gz'));
  const child = fork(file, [JSON.stringify(request)], { execArgv: [] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(file, { force: true });
  });
  return child;
}

/** An edition for now with the stories of one that was sent. */
async function approvedCopy(
  context: Parameters<typeof ensureEdition>[0],
  newsletterId: number,
): Promise<number> {
  const { db } = context;
  const { id: sent } = await db
    .selectFrom('editions')
    .select('id')
    .where('newsletter_id', '=', newsletterId)
    .where('state', '=', 'sent')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  const { edition } = await ensureEdition(context, newsletterId, new Date());
  const stories = await db.selectFrom('edition_stories').selectAll().where('edition_id', '=', sent).execute();
  await db
    .insertInto('edition_stories')
    .values(
      stories.map(({ reason, snapshot, ...story }) => ({
        ...story,
        reason: JSON.stringify(reason),
        snapshot: JSON.stringify(snapshot),
        edition_id: edition.id,
      })),
    )
    .execute();
  const { policy } = await getEdition(context, sent);
  await db
    .updateTable('editions')
    .set({ subject: 'As before', policy: JSON.stringify(policy) })
    .where('id', '=', edition.id)
    .execute();
  await compileAndStore(context, await getEdition(context, edition.id));
  await db.updateTable('editions').set({ state: 'approved' }).where('id', '=', edition.id).execute();
  return edition.id;
}

test('what would break older programs is found', async () => {
  const { database } = await createTestContext();
  const client = await database.pool.connect();
  onTestFinished(() => client.release());
  const before = await shapeOf(client);
  const breaks = async (change: string) => {
    await client.query('begin');
    await client.query(change);
    const found = breakingChanges(before, await shapeOf(client));
    await client.query('rollback');
    return found.join('; ');
  };
  expect(await breaks('alter table lists drop column description')).toMatch(/lists.description is gone/);
  expect(await breaks('alter table lists rename column name to title')).toMatch(
    /lists.name is gone; the new column lists.title needs a value/,
  );
  expect(await breaks('alter table lists alter column name type varchar(50)')).toMatch(/was text and is/);
  expect(await breaks('alter table lists add column colour text not null')).toMatch(/colour needs a value/);
  expect(await breaks('alter table subscribers alter column name set not null')).toMatch(/takes no null/);
  expect(await breaks('alter table lists alter column description drop default')).toMatch(/no default/);
  expect(await breaks('create unique index one_name on lists (name)')).toMatch(/the new rule lists.one_name/);
  expect(await breaks("alter table lists add check (name <> 'x')")).toMatch(/the new rule/);
  expect(await breaks('drop function story_words(text, text, text, text)')).toMatch(/story_words.* is gone/);
  expect(
    await breaks(
      `create table further (id bigint not null); alter table lists add column a text, add column b integer not null default 1;
       alter table lists alter column name drop not null`,
    ),
  ).toBe('');
});

test('a process that finds a newer schema goes on, unless that has taken away what it needs', async () => {
  const context = await createTestContext();
  const { db } = context;
  const add = (name: string) =>
    db.insertInto('kysely_migration' as never).values({ name, timestamp: new Date().toISOString() } as never);
  await add('9998_later').execute();
  expect(await migrate(db)).toEqual([]);
  expect((await migrationStatus(db)).at(-1)).toMatchObject({ name: '9998_later', isKnown: false });
  const needs = (name: string) =>
    db
      .insertInto('settings')
      .values({ name: 'schema_needs', value: JSON.stringify({ needs: name, because: 'lists.name is gone' }) })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
      );
  // What this program knows is enough.
  await needs('0021_troubles').execute();
  expect(await migrate(db)).toEqual([]);
  await needs('9998_later').execute();
  await expect(migrate(db)).rejects.toThrow(
    'This program is too old for its database, whose schema a newer Broadsheet has changed (up to 9998_later): it needs 9998_later (lists.name is gone).',
  );
});

test('with MIGRATE=off a process that finds migrations which were not run names them, and changes nothing', async () => {
  const { environment, db } = await createTestContext();
  const config = loadConfig({ ...environment, MIGRATE: 'off' }, String(environment.BROADSHEET_HOME));
  await (await openDatabase(config)).close();
  const newest = (await migrationStatus(db)).at(-1)?.name ?? '';
  await db
    .deleteFrom('kysely_migration' as never)
    .where('name' as never, '=', newest as never)
    .execute();
  await expect(openDatabase(config)).rejects.toThrow(
    `The database's schema is older than this program: ${newest} was not run yet, and MIGRATE=off keeps this process from doing so.`,
  );
});
