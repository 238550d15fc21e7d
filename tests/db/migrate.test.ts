import { randomBytes } from 'node:crypto';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connectTo, type Database, openDatabase } from '../../src/db/connect.ts';
import { migrate, migrationStatus, rollback } from '../../src/db/migrate.ts';

async function emptyDatabase(): Promise<{ name: string; open(): Database }> {
  const host = inject('socketFolder');
  const name = `${inject('databases')}_${randomBytes(5).toString('hex')}`;
  const admin = connectTo({ host, user: 'broadsheet', database: 'postgres' }, 1);
  await admin.pool.query(`create database ${name}`);
  const opened: Database[] = [];
  onTestFinished(async () => {
    for (const database of opened) await database.close();
    await admin.pool.query(`drop database ${name} with (force)`);
    await admin.close();
  });
  return {
    name,
    open() {
      const database = connectTo({ host, user: 'broadsheet', database: name }, 2);
      opened.push(database);
      return database;
    },
  };
}

test('processes that migrate at the same moment take turns: each migration runs once', async () => {
  const empty = await emptyDatabase();
  const results = await Promise.all([empty.open(), empty.open(), empty.open()].map(({ db }) => migrate(db)));
  const all = (await migrationStatus(empty.open().db)).map((migration) => migration.name);
  expect(results.flat().sort()).toEqual(all);
  expect((await migrationStatus(empty.open().db)).every((migration) => migration.executedAt)).toBe(true);
});

test('the newest migration can be undone and done again', async () => {
  const { db } = (await emptyDatabase()).open();
  const done = await migrate(db);
  expect(await rollback(db)).toBe(done.at(-1));
  expect((await migrationStatus(db)).at(-1)?.executedAt).toBeUndefined();
  expect(await migrate(db)).toEqual([done.at(-1)]);
});

test('a server that is not there is told in a sentence, without the password', async () => {
  const config = { databaseUrl: 'postgres://someone:secret@127.0.0.1:1/nothing', home: '/nowhere' };
  await expect(openDatabase(config)).rejects.toThrow(
    /no connection to 127\.0\.0\.1:1\/nothing: .*ECONNREFUSED/,
  );
  await expect(openDatabase(config)).rejects.not.toThrow(/secret/);
});
