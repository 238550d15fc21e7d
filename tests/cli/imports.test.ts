import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { temporaryFolder } from '../support/folder.ts';
import { contextWithList, load } from '../support/imports.ts';
import { inProcess } from './in-process.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

async function withImports() {
  const context = await contextWithList();
  const run = (...args: string[]) => broadsheet(context, 'subscribers', ...args);
  const json = async (...args: string[]) => {
    const { code, out, err } = await run(...args, '--json');
    if (code !== 0) throw new Error(err);
    return JSON.parse(out);
  };
  await load(context, 'email,name\nanna@example.com,Anna\nbert@example.com,Bert\n', {
    fileName: 'first.csv',
  });
  await load(context, 'email,name\nanna@example.com,Anna B\ncora@example.com,Cora\nnobody,X\n');
  return { context, run, json, folder: temporaryFolder('export') };
}

test('imports are listed, shown and undone, for people and for scripts', async () => {
  const { context, run, json } = await withImports();
  const counts = { rows: 3, added: 1, updated: 1, unchanged: 0, duplicates: 0, badRows: 1 };
  expect(await json('imports')).toMatchObject([
    { id: 2, state: 'done', mode: 'subscribe', list: 'weekly', fileName: null, ...counts },
    { id: 1, state: 'done', fileName: 'first.csv', consent: 'Signed up at the fair', added: 2 },
  ]);
  expect((await run('imports', 'undo', '2', '--json')).code).toBe(2);

  const here = (...args: string[]) => inProcess(context.environment, 'subscribers', 'imports', ...args);
  const shown = await here('show', '2');
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('list: weekly\n');
  expect(shown.out).toContain('added: 1\n');
  const plan = { importId: 2, removed: 1, restored: 1 };
  expect(JSON.parse((await here('undo', '2', '--dry-run', '--json')).out)).toMatchObject(plan);
  expect(JSON.parse((await here('show', '2', '--json')).out)).toMatchObject({
    id: 2,
    state: 'done',
    ...counts,
  });
  expect(JSON.parse((await here('undo', '2', '--yes', '--json')).out)).toMatchObject(plan);
  const people = await context.db
    .selectFrom('subscribers')
    .select(['email', 'name'])
    .orderBy('email')
    .execute();
  expect(people).toEqual([
    { email: 'anna@example.com', name: 'Anna' },
    { email: 'bert@example.com', name: 'Bert' },
  ]);
  await expect(here('undo', '2', '--yes')).rejects.toThrow('Import 2 was undone already.');
  await expect(here('show', '7')).rejects.toMatchObject({ code: 'not-found' });
  await expect(here('show', 'first.csv')).rejects.toThrow('An import\'s id is a number, not "first.csv".');
});

test('an export goes to a file or to standard output, plain or compressed, and tells how many there are', async () => {
  const { run, json, folder } = await withImports();
  const file = join(folder, 'people.csv');
  expect(await json('export', file, '--columns', 'email,name')).toEqual({
    ...{ file, format: 'csv', gzip: false, rows: 3 },
  });
  const people = 'email,name\nanna@example.com,Anna B\nbert@example.com,Bert\ncora@example.com,Cora\n';
  expect(readFileSync(file, 'utf8')).toBe(people);

  const packed = join(folder, 'people.ndjson.gz');
  const asked = ['--list', 'weekly', '--state', 'confirmed', '--segment', 'email contains "cora"'];
  expect(await json('export', packed, ...asked)).toMatchObject({ format: 'ndjson', gzip: true, rows: 1 });
  expect(JSON.parse(gunzipSync(readFileSync(packed)).toString())).toMatchObject({
    email: 'cora@example.com',
  });

  // A file that is there stays as it is until the new one is whole.
  const refused = await run('export', file, '--columns', 'email,shoe');
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(readFileSync(file, 'utf8')).toBe(people);
  expect(existsSync(`${file}.part`)).toBe(false);
  expect(await run('export', '-', '--columns', 'email,name')).toEqual({ code: 0, out: people, err: '' });
});

test('an export that is interrupted ends with 130, and says how to get it all', async () => {
  const { context, folder } = await withImports();
  await sql`
    insert into subscribers (email, email_key, email_hash)
    select email, email, sha256(email::bytea)
    from (select 'reader' || n || '@example.com' as email from generate_series(1, 20000) n) people`.execute(
    context.db,
  );
  // A reader that takes its time: the export waits for it.
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), 'subscribers', 'export', pipe],
    {
      cwd: packageRoot,
      env: { PATH: process.env.PATH, ...context.environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const reader = createReadStream(pipe);
  reader.once('data', () => {
    reader.pause();
    child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('Finishing')) reader.resume();
  });
  expect(await ended).toBe(130);
  expect(said).toMatch(/The export was stopped after [\d,]+ rows.* Start it again for all of them\./);
});
