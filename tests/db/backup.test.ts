import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { expect, inject, onTestFinished, test } from 'vitest';
import { readBackup, verifyFile, writeBackup } from '../../src/db/backup/file.ts';
import { unfinishedMark } from '../../src/db/backup/mark.ts';
import { backupParts } from '../../src/db/backup/read.ts';
import { restoreBackup } from '../../src/db/backup/restore.ts';
import { dumpSchema } from '../../src/db/backup/schema.ts';
import { connectTo, type Database, openDatabase, ownConnection } from '../../src/db/connect.ts';
import { moveData } from '../../src/db/copy.ts';
import { adopt, hold, installationOf } from '../../src/db/installation.ts';
import { takeBatch } from '../../src/delivery/ledger.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { adoptCopy } from '../../src/schedule/adopt.ts';
import { fireSchedules } from '../../src/schedule/fire.ts';
import { unlessCopy } from '../../src/schedule/unless-copy.ts';
import { startWorker } from '../../src/schedule/worker.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';

/** An empty database on the tests' server. */
async function emptyDatabase(): Promise<{ database: Database; url: string; name: string }> {
  const host = inject('socketFolder');
  const name = `${inject('databases')}_${randomBytes(5).toString('hex')}`;
  const admin = connectTo({ host, user: 'broadsheet', database: 'postgres' }, 1);
  await admin.pool.query(`create database ${name}`);
  await admin.close();
  const url = `postgres://broadsheet@${encodeURIComponent(host)}/${name}`;
  const database = connectTo({ connectionString: url }, 2);
  onTestFinished(async () => void (database.pool.ending || (await database.close())));
  return { database, url, name };
}

const at = ({ db }: Pick<Database, 'db'>, context: TestContext) => ({ ...context, db });

async function schemaOf(database: Pick<Database, 'db'>) {
  const own = await ownConnection(database.db);
  try {
    await own.client.query('begin');
    const schema = await dumpSchema(own.client);
    // Conditions of triggers lose brackets that mean nothing when they are read back.
    const after = schema.after.map((text) => (/TRIGGER/.test(text) ? text.replace(/[()]/g, '') : text));
    return { ...schema, after };
  } finally {
    own.close();
  }
}

/** Every row of every table, but for what tells where an installation is and numbers of transactions. */
async function contents(database: Pick<Database, 'db'>): Promise<Record<string, string>> {
  const { tables } = await schemaOf(database);
  const found: Record<string, string> = {};
  for (const { name } of tables.filter((table) => table.name !== 'public.installation')) {
    const { rows } = await sql<{ rows: number; hash: string | null }>`
      select count(*) as rows, md5(string_agg(row, '' order by row)) as hash
      from (select (to_jsonb(t) - 'changed_in')::text as row from ${sql.raw(name)} t) r`.execute(database.db);
    found[name] = `${rows[0]?.rows} ${rows[0]?.hash}`;
  }
  return found;
}

async function seeded(readers: number) {
  const context = await createTestContext();
  const { listId } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await sql`insert into settings (name, value) values ('odd', to_jsonb(${'tab\there, back\\slash, line\nand \\.\n;\n'}::text))`.execute(
    context.db,
  );
  return { context, editionId };
}

const backupOf = async (context: TestContext) => {
  const file = join(temporaryFolder('backup'), 'all.sql.gz');
  const written = await writeBackup(context, file, { now: context.clock.now() });
  return { file, written, summary: await verifyFile(file) };
};

test('a backup taken in the middle of a send is restored with every row, key, index, partition and trigger', async () => {
  const { context, editionId } = await seeded(40);
  const slowly = { delayMs: 150 };
  const smtp = await startSmtp(slowly);
  const config = { ...context.config, smtpUrl: smtp.url, smtpConnections: 2, leaseSeconds: 1 };
  const worker = await startWorker(
    { ...context, config },
    { connection: context.database.connection, schedule: false },
  );
  let isStopped = false;
  onTestFinished(async () => void (isStopped || (await worker.stop())));
  await worker.start(editionId);
  while (smtp.received.length < 5) await sleep(10);
  const { file, summary } = await backupOf(context);
  slowly.delayMs = 0;
  await worker.stop();
  isStopped = true;

  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { database, name } = await emptyDatabase();
  // Piece by piece, to see what the restore holds: as much as a statement needs, however many tables there are.
  const locks: number[] = [];
  const open = async function* () {
    for await (const piece of readBackup(file))
      for (let start = 0; start < piece.length; start += 2000) {
        const { rows: held } = await sql<{ locks: number }>`
          select count(*)::integer as locks from pg_locks
          where locktype = 'relation' and mode = 'AccessExclusiveLock'
            and database = (select oid from pg_database where datname = ${name})`.execute(context.db);
        locks.push(held[0]?.locks ?? 0);
        yield piece.subarray(start, start + 2000);
      }
  };
  const { rows } = await restoreBackup(database, context, { open, summary });
  expect(locks.length).toBeGreaterThan(30);
  expect(Math.max(...locks)).toBeLessThan(10);
  expect(rows['public.subscribers']).toBe(40);
  expect(rows[`public.deliveries_e${editionId}`] ?? rows[`public.deliveries_${editionId}`]).toBe(40);

  const [before, after] = [await schemaOf(context), await schemaOf(database)];
  expect(after).toEqual(before);
  expect(before.after.length).toBeGreaterThan(100);
  // What the owner's functions do stays closed to other roles.
  const { rows: forAll } = await sql<{ name: string }>`
    select proname as name from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
    and has_function_privilege('public', oid, 'execute')`.execute(database.db);
  expect(forAll).toEqual([]);
  expect(before.before).toContain('revoke all on routine drop_edition_part(text,bigint) from public');
  const report = await deliveryReport(at(database, context), editionId);
  expect(report).toMatchObject({ planned: 40, sums: true });
  expect(report.accepted).toBeLessThan(40);
  // New rows get numbers behind the old ones.
  const { id } = await database.db
    .insertInto('lists')
    .values({ slug: 'another', name: 'Another' })
    .returning('id')
    .executeTakeFirstOrThrow();
  expect(id).toBeGreaterThan(1);

  // It knows that it is a copy: a worker on it sends nothing, until it is adopted.
  const copy = { ...at(database, context), config };
  expect((await installationOf(copy)).held).toMatch(/restored from a backup/);
  const sentBefore = smtp.received.length;
  const held = await unlessCopy(
    copy,
    () => startWorker(copy, { connection: database.connection, schedule: false, sweepSeconds: 1 }),
    20,
  );
  onTestFinished(() => held.stop());
  await sleep(150);
  expect(smtp.received.length).toBe(sentBefore);
  // Some of it went out since: it waits for somebody to look, unless that is told to be fine.
  const { installation, paused } = await adoptCopy(copy);
  expect(installation.held).toBeUndefined();
  expect(paused.map((edition) => edition.id)).toEqual([editionId]);
  await sleep(150);
  expect(smtp.received.length).toBe(sentBefore);
  await move(copy, editionId, 'resume');
  while ((await getEdition(copy, editionId)).state !== 'sent') await sleep(50);
  expect(smtp.received.length).toBeGreaterThan(sentBefore);
});

test('what is restored is what was there, byte for byte, also in place of other data', async () => {
  const { context } = await seeded(3);
  await installationOf(context);
  const { file, summary } = await backupOf(context);
  const before = await contents(context);

  const other = await createTestContext();
  await seedList(other, 7, 'others');
  const restored = await restoreBackup(other.database, other, {
    open: () => readBackup(file),
    summary,
    keepFormer: true,
  });
  expect(await contents(other)).toEqual(before);
  expect(restored.former).toMatch(/_before_/);
  const former = connectTo({ ...other.database.connection, database: restored.former ?? '' }, 1);
  expect(await former.db.selectFrom('subscribers').select('id').execute()).toHaveLength(7);
  await former.close();
  expect((await installationOf(other)).held).toMatch(/restored/);
});

test('a restore that fails leaves the data as they were, and no half-made database', async () => {
  const { context } = await seeded(3);
  const { file } = await backupOf(context);
  const before = await contents(context);
  const text = gunzipSync(readFileSync(file)).toString('utf8');
  const broken = join(temporaryFolder('backup'), 'broken.sql.gz');
  writeFileSync(broken, gzipSync(text.replace('reader2@example.com\t', 'reader1@example.com\t')));
  await expect(verifyFile(broken)).rejects.toThrow(/checksum does not match/);
  writeFileSync(broken, gzipSync(text.slice(0, -300)));
  await expect(verifyFile(broken)).rejects.toThrow(/not whole/);
  writeFileSync(broken, readFileSync(file).subarray(0, 4000));
  await expect(verifyFile(broken)).rejects.toThrow(/cut off/);
  writeFileSync(broken, gzipSync('select 1;\n'));
  await expect(verifyFile(broken)).rejects.toThrow(/no backup that/);
  await expect(verifyFile(`${broken}.none`)).rejects.toThrow(/There is no file/);

  // One whose rows contradict each other, though it is whole: found late, when keys are made.
  writeFileSync(broken, gzipSync(text.replaceAll('reader2@example.com', 'reader1@example.com')));
  const { summary } = await backupOf(context);
  await expect(
    restoreBackup(context.database, context, { open: () => readBackup(broken), summary }),
  ).rejects.toThrow(/took no "alter table subscribers add constraint|took no "create unique/i);
  expect(await contents(context)).toEqual(before);
  // And one that is stopped in the middle of a table.
  const stopping = new AbortController();
  const stopped = restoreBackup(context.database, context, {
    open: () => readBackup(file),
    summary,
    signal: stopping.signal,
    onProgress: () => stopping.abort(),
  });
  await expect(stopped).rejects.toThrow(/abort/i);
  expect(await contents(context)).toEqual(before);
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_database where datname like current_database() || '\\_%'`.execute(
    context.db,
  );
  expect(rows[0]?.count).toBe(0);
});

test('nothing is restored while others are connected', async () => {
  const { context } = await seeded(1);
  const { file, summary } = await backupOf(context);
  const serve = connectTo(context.database.connection, 1);
  onTestFinished(() => serve.close());
  await serve.pool.query('select 1');
  await expect(
    restoreBackup(context.database, context, { open: () => readBackup(file), summary }),
  ).rejects.toThrow(/1 other connections/);
});

test('a worker that starts while a backup is read keeps the former data, and works on them alone', async () => {
  const { context, editionId } = await seeded(3);
  const { file, summary } = await backupOf(context);
  const smtp = await startSmtp();
  const config = { ...context.config, smtpUrl: smtp.url };
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const restoring = restoreBackup(context.database, context, {
    async *open() {
      asked.resolve();
      await goOn.promise;
      yield* readBackup(file);
    },
    summary,
  });
  const refused = expect(restoring).rejects.toThrow(/Others connected to the database .* while the backup/);
  await asked.promise;
  const its = connectTo(context.database.connection, 4);
  onTestFinished(() => its.close());
  const worker = await unlessCopy({ ...context, db: its.db, config }, () =>
    startWorker({ ...context, db: its.db, config }, { connection: its.connection, schedule: false }),
  );
  onTestFinished(() => worker.stop());
  goOn.resolve();
  await refused;
  // Nobody cut it off, and the data are those it began with.
  await planDeliveries({ ...context, config }, editionId);
  while ((await getEdition(context, editionId)).state !== 'sent') await sleep(20);
  expect((await installationOf(context)).held).toBeUndefined();
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_database where datname like current_database() || '\\_%'`.execute(
    context.db,
  );
  expect(rows[0]?.count).toBe(0);
}, 20_000);

test('data that are held after a process has begun are not sent or planned by it, and it stops', async () => {
  const { context, editionId } = await seeded(3);
  await installationOf(context);
  const { id } = await context.db.selectFrom('newsletters').select('id').executeTakeFirstOrThrow();
  const events: string[] = [];
  const running = await unlessCopy(
    context,
    async () => {
      events.push('started');
      return { stop: async () => void events.push('stopped') };
    },
    20,
  );
  onTestFinished(() => running.stop());
  const other = await seedEdition(context, id, undefined, new Date('2026-11-24T07:00:00Z'));
  await planDeliveries(context, editionId);
  await hold(context, 'restored', 'a test');
  // What asks the data themselves needs no look of the process.
  const holder = { worker: '00000000-0000-4000-8000-000000000001', leaseSeconds: 10 };
  expect(await takeBatch(context, holder)).toBeUndefined();
  expect(await planDeliveries(context, other)).toBeUndefined();
  while (!events.includes('stopped')) await sleep(10);
  await adopt(context);
  while (events.length < 3) await sleep(10);
  expect(events).toEqual(['started', 'stopped', 'started']);
  expect(await takeBatch(context, holder)).toMatchObject({ editionId });
  expect(await planDeliveries(context, other)).toMatchObject({ recipients: 3 });
});

test('data move to another database with one call: counts are the same, and only the new one sends', async () => {
  const { context } = await seeded(5);
  const { id } = await installationOf(context);
  const { database, url } = await emptyDatabase();
  await database.close();
  const moved = await moveData(context.database, context, url);
  expect(moved).toMatchObject({ sends: true });
  expect(moved.rows['public.subscribers']).toBe(5);
  const target = connectTo({ connectionString: url }, 2);
  onTestFinished(() => target.close());
  expect(await contents(target)).toEqual(await contents(context));
  const there = await installationOf({
    ...at(target, context),
    config: { ...context.config, databaseUrl: url },
  });
  expect(there).toMatchObject({ id, held: undefined });
  expect((await installationOf(context)).held).toMatch(/^The data were moved to .*: that installation sends/);

  // Not into what is not empty; and what fails lets the old one go on.
  await adopt(context);
  await expect(moveData(context.database, context, url)).rejects.toThrow(/is not empty/);
  expect((await installationOf(context)).held).toBeUndefined();
});

test('a move that fails half way leaves nothing there, and the old one sends on', async () => {
  const { context } = await seeded(2);
  await installationOf(context);
  const { database, url } = await emptyDatabase();
  await database.close();
  const stopping = new AbortController();
  await expect(
    moveData(context.database, context, url, {
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    }),
  ).rejects.toThrow();
  expect((await installationOf(context)).held).toBeUndefined();
  const target = connectTo({ connectionString: url }, 1);
  onTestFinished(() => target.close());
  const left = await target.pool.query(`
    select from pg_class where relnamespace = 'public'::regnamespace
    union all select from pg_proc where pronamespace = 'public'::regnamespace
    union all select from pg_extension where extname <> 'plpgsql'`);
  expect(left.rowCount).toBe(0);
  // One that was killed leaves its mark, and nobody works with what there is.
  await target.pool.query(`create table ${unfinishedMark} (began_at timestamptz)`);
  await expect(openDatabase({ databaseUrl: url, home: context.config.home })).rejects.toThrow(
    /holds a part of a backup/,
  );
});

test('a database that was cloned is held, by whatever tool it was; one that was renamed goes on', async () => {
  const { context } = await seeded(1);
  const { id } = await installationOf(context);
  const name = String(context.database.connection.database);
  const clone = `${name}_clone`;
  const admin = connectTo({ ...context.database.connection, database: 'postgres' }, 1);
  onTestFinished(() => admin.close());
  await admin.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await admin.pool.query(`create database ${clone} template ${name}`);
  const cloned = connectTo({ ...context.database.connection, database: clone }, 1);
  expect(await installationOf(at(cloned, context))).toMatchObject({
    id,
    held: 'The data are a copy: the database is not what it was when this installation was adopted',
  });
  await cloned.close();
  expect((await installationOf(context)).held).toBeUndefined();

  await admin.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  await admin.pool.query(`alter database ${name} rename to ${name}_renamed`);
  const renamed = connectTo({ ...context.database.connection, database: `${name}_renamed` }, 1);
  expect((await installationOf(at(renamed, context))).held).toBeUndefined();
  await renamed.close();
});

test('a clone of a whole server is told by INSTALLATION_NAME; a name given later holds nothing', async () => {
  const { context } = await seeded(1);
  const called = (installationName: string | undefined) =>
    installationOf({ ...context, config: { ...context.config, installationName } });
  expect((await called(undefined)).held).toBeUndefined();
  expect((await called('production')).held).toBeUndefined();
  expect((await called('staging')).held).toMatch(/INSTALLATION_NAME is not what/);
  expect((await called(undefined)).held).toMatch(/INSTALLATION_NAME/);
  expect((await called('production')).held).toBeUndefined();
});

test('an account without special rights can have all this, too', async () => {
  const { context } = await seeded(1);
  const role = `plain_${randomBytes(4).toString('hex')}`;
  const { database, url, name } = await emptyDatabase();
  await database.pool.query(`create role ${role} login; alter database ${name} owner to ${role}`);
  await database.pool.query(`alter schema public owner to ${role}`);
  onTestFinished(async () => {
    const admin = connectTo({ ...context.database.connection, database: 'postgres' }, 1);
    await admin.pool.query(`drop database ${name} with (force)`);
    await admin.pool.query(`drop role ${role}`);
    await admin.close();
  });
  await database.close();
  const plain = connectTo({ connectionString: url.replace('broadsheet@', `${role}@`) }, 2);
  onTestFinished(() => plain.close());
  const { file, summary } = await backupOf(context);
  await restoreBackup(plain, context, { open: () => readBackup(file), summary });
  const here = { ...at(plain, context), config: { ...context.config, databaseUrl: url } };
  expect((await adopt(here)).place).toMatchObject({ server: expect.stringMatching(/^\d+$/), folder: null });
  // It may not make the database that a restore over data needs: told in a sentence, and the data stay.
  await expect(restoreBackup(plain, context, { open: () => readBackup(file), summary })).rejects.toThrow(
    /No new database can be made/,
  );
  expect(await plain.db.selectFrom('subscribers').select('id').execute()).toHaveLength(1);
});

test('rows are found whole, however the file is cut into pieces', async () => {
  const text =
    'select 1\n;\ncopy t (a) from stdin\n;\n\\\\.\nx\\.\n\n\\.\ncopy e (a) from stdin\n;\n\\.\nselect 2\n;\n';
  for (let size = 1; size < 20; size++) {
    const cut = async function* () {
      const all = Buffer.from(text);
      for (let start = 0; start < all.length; start += size) yield all.subarray(start, start + size);
    };
    const found: string[] = [];
    for await (const { statement, rows } of backupParts(cut())) {
      let taken = '';
      for await (const piece of rows ?? []) taken += piece.toString();
      found.push(`${statement}|${taken}`);
    }
    expect(found).toEqual([
      'select 1|',
      'copy t (a) from stdin|\\\\.\nx\\.\n\n',
      'copy e (a) from stdin|',
      'select 2|',
    ]);
  }
});

test('an adopted copy does not make anew what was sent since it was taken, unless it is told to', async () => {
  const { context, editionId } = await seeded(1);
  await installationOf(context);
  const waiting = { state: 'approved', paused: [] as number[] };
  const copyOf = async () => {
    await context.db.updateTable('installation').set({ held_because: 'restored' }).execute();
    context.clock.advance(2 * 86_400_000);
  };
  const through = async () =>
    (await context.db.selectFrom('newsletters').select('scheduled_through').executeTakeFirstOrThrow())
      .scheduled_through;
  await copyOf();
  const before = await through();
  const wentOn = await adoptCopy(context, { goOn: true });
  expect({ state: (await getEdition(context, editionId)).state, paused: wentOn.paused }).toEqual(waiting);
  expect(await through()).toEqual(before);
  await copyOf();
  expect((await adoptCopy(context)).paused.map(({ id }) => id)).toEqual([editionId]);
  expect(await through()).toEqual(context.clock.now());
  expect(await fireSchedules(context)).toEqual([]);
  // What is at home already is left alone.
  await move(context, editionId, 'resume');
  expect((await adoptCopy(context)).paused).toEqual([]);
});
