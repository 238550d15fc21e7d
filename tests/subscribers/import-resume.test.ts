import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ownConnection } from '../../src/db/connect.ts';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { lockLane } from '../../src/subscribers/import/lock.ts';
import { findImport, listImports } from '../../src/subscribers/import/record.ts';
import { type ImportStart, importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { removeList } from '../../src/subscribers/lists-use.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { bytesOf, contextWithList, load, peopleOf } from '../support/imports.ts';

const people = 6_000;

/** Rows of which some are broken, some stand twice, and some are suspicious. */
function fileOf(rows = people): string {
  const lines = ['email,name'];
  for (let row = 1; row <= rows; row++) {
    if (row % 100 === 0) lines.push(`broken ${row},Nobody`);
    else if (row % 150 === 1 && row > 1) lines.push(`P${row - 7}@example.com,Twice`);
    else lines.push(`p${row}@example.com,Person ${row}`);
  }
  return `${lines.join('\n')}\n`;
}

const options = { list: 'weekly', consent: 'At the fair', rowsAtOnce: 500, fileName: 'people.csv' };

test.each(['a failing disk', 'an abort'])(
  'an import that was stopped by %s goes on, and comes to the same',
  async (how) => {
    const file = fileOf();
    const whole = await contextWithList();
    const expected = await load(whole, file, options);

    const context = await contextWithList();
    const abort = new AbortController();
    const pieces = async function* () {
      let at = 0;
      for await (const piece of bytesOf(file, 2_000)) {
        at += 1;
        if (at === 50 && how === 'a failing disk') throw new Error('the disk failed');
        if (at === 50) abort.abort();
        yield piece;
      }
    };
    const problems = new Set<string>();
    const onProblem = ({ kind, line }: { kind: string; line: number }) => problems.add(`${kind} ${line}`);
    const stopped = importSubscribers(context, pieces(), { ...options, onProblem, signal: abort.signal });
    await expect(stopped).rejects.toThrow(
      how === 'an abort' ? /Import 1 was stopped/ : /Import 1 stopped: the disk failed/,
    );
    const halfway = await findImport(context, 1);
    expect(halfway.state).toBe('stopped');
    expect(halfway.rows).toBeGreaterThan(500);
    expect(halfway.rows).toBeLessThan(people);

    const result = await importSubscribers(context, bytesOf(file), { resume: 1, onProblem });
    const { rows, added, duplicates, badRows, unchanged } = expected;
    expect(result).toMatchObject({ importId: 1, rows, added, duplicates, badRows, unchanged });
    expect(await findImport(context, 1)).toMatchObject({ state: 'done', rows, added, duplicates, badRows });
    expect(problems.size).toBe(duplicates + badRows);
    expect(await peopleOf(context)).toEqual(await peopleOf(whole));
    const log = await context.db.selectFrom('consent_log').select('email_hash').distinct().execute();
    expect(log.length).toBe(added);
  },
);

test('an import whose connections are killed stops with a sentence, and goes on', async () => {
  const context = await contextWithList();
  const file = fileOf();
  let killed = false;
  const pieces = async function* () {
    let at = 0;
    for await (const piece of bytesOf(file, 2_000)) {
      at += 1;
      if (at === 40) {
        await context.database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() and query not like '%pg_terminate%'`,
        );
        killed = true;
      }
      yield piece;
    }
  };
  await expect(importSubscribers(context, pieces(), options)).rejects.toMatchObject({
    code: 'import',
    hint: 'Go on with: broadsheet subscribers import FILE --resume 1',
  });
  expect(killed).toBe(true);
  const result = await importSubscribers(context, bytesOf(file), { resume: 1 });
  expect(result.added + result.duplicates + result.badRows + result.unchanged).toBe(people);
  expect(result).toMatchObject({ rows: people, unchanged: 0 });
  expect((await peopleOf(context)).length).toBe(result.added);
});

test('an import does not go on with another file, nor when it is done', async () => {
  const context = await contextWithList();
  const broken = async function* () {
    yield Buffer.from('email\na@example.com\n');
    yield Buffer.alloc(70_000, 'b@example.com\n');
    throw new Error('gone');
  };
  await expect(importSubscribers(context, broken(), options)).rejects.toThrow('gone');
  await expect(load(context, 'email\nz@example.com\n', { resume: 1 })).rejects.toThrow(
    'began with another file',
  );
  await load(context, 'email\na@example.com\n');
  await expect(load(context, 'email\na@example.com\n', { resume: 2 })).rejects.toThrow('it is done');
  await expect(load(context, 'email\n', { resume: 9 })).rejects.toThrow('There is no import 9');
  expect((await listImports(context)).map(({ state }) => state)).toEqual(['done', 'stopped']);
});

test('a preview counts what an import does, and writes nothing', async () => {
  const context = await contextWithList();
  await load(context, 'email,name\np1@example.com,Person 1\np2@example.com,Other\n');
  const before = await peopleOf(context);
  const starts: unknown[] = [];
  const file = fileOf(3_000);
  const preview = await load(context, file, {
    ...options,
    preview: true,
    onStart: (start) => starts.push(start),
  });
  expect(starts).toMatchObject([
    { headers: ['email', 'name'], rows: [['p1@example.com', 'Person 1'], {}, {}, {}, {}] },
  ]);
  expect(await peopleOf(context)).toEqual(before);
  expect((await listImports(context)).length).toBe(1);
  const { importId, ...counts } = await load(context, file, options);
  expect(importId).toBe(2);
  expect(preview).toEqual({ ...counts, importId: null });
});

test('an import that was cut off before it stored anything is shared out to as many connections again, and waits for those of a killed process', async () => {
  const context = await contextWithList();
  const file = fileOf();
  const pieces = async function* () {
    yield* bytesOf(file.slice(0, 70_000));
    throw new Error('the disk failed');
  };
  const starts: ImportStart[] = [];
  const onStart = (start: ImportStart) => starts.push(start);
  await expect(
    importSubscribers(context, pieces(), { ...options, rowsAtOnce: 5_000, onStart }),
  ).rejects.toThrow('the disk failed');
  expect(await findImport(context, 1)).toMatchObject({ state: 'stopped', rows: 0, storedThrough: [0, 0] });

  // As a connection whose process was killed while Postgres still worked for it.
  const ghost = await ownConnection(context.db);
  await lockLane(ghost.db, 1);
  const resumed = importSubscribers(context, bytesOf(file), { resume: 1 });
  const early = await Promise.race([resumed, sleep(150, 'waits')]);
  ghost.close();
  expect(early).toBe('waits');
  expect(await resumed).toMatchObject({ rows: people, unchanged: 0 });

  // The file once more, by itself: now none waits to go on.
  await importSubscribers(context, bytesOf(file), { ...options, onStart });
  expect(starts).toMatchObject([
    { importId: 1, unfinished: null },
    { importId: 2, unfinished: null },
  ]);
});

test('an import of a file of which another did not come to its end names that one', async () => {
  const context = await contextWithList();
  const file = fileOf();
  const broken = async function* () {
    yield* bytesOf(file.slice(0, 70_000));
    throw new Error('the disk failed');
  };
  await expect(importSubscribers(context, broken(), options)).rejects.toThrow('the disk failed');
  const unfinished: unknown[] = [];
  const onStart = (start: ImportStart) => unfinished.push(start.unfinished);
  await load(context, file, { ...options, onStart });
  await load(context, file, { ...options, mode: 'add', onStart });
  await load(context, file, { ...options, preview: true, onStart });
  expect(unfinished).toEqual([1, null, null]);
  await expect(load(context, file, { resume: 1, preview: true })).rejects.toThrow('cannot be previewed');
});

async function* failing(file: string) {
  yield* bytesOf(file.slice(0, 80_000));
  throw new Error('the disk failed');
}

test.each(['unsubscribe', 'suppress', 'subscribe'] as const)(
  'an import that was to %s people of one list does not go on when the list is gone',
  async (mode) => {
    const context = await contextWithList();
    await createList(context, { name: 'Other' });
    await subscribe(context, { via: 'admin', email: 'p5999@example.com', list: 'other', confirmed: true });
    const file = fileOf();
    await expect(importSubscribers(context, failing(file), { ...options, mode })).rejects.toThrow('the disk');
    await removeList(context, 'weekly');
    const again = importSubscribers(context, bytesOf(file), { resume: 1 });
    await expect(again).rejects.toThrow('Import 1 cannot go on: its list is gone.');
    expect((await showSubscriber(context, 'p5999@example.com')).subscriptions).toMatchObject([
      { slug: 'other', state: 'confirmed' },
    ]);
  },
);

test('an import that was to unsubscribe people of every list goes on', async () => {
  const context = await contextWithList();
  const file = fileOf();
  const everything = { ...options, list: undefined, mode: 'unsubscribe' } as const;
  await expect(importSubscribers(context, failing(file), everything)).rejects.toThrow('the disk');
  const again = importSubscribers(context, bytesOf(file), { resume: 1 });
  expect(await again).toMatchObject({ importId: 1 });
});
