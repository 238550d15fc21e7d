import { expect, test } from 'vitest';
import { findImport, listImports } from '../../src/subscribers/import/record.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
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
