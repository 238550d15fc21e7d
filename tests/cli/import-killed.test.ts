import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const people = 30_000;
const every = 1_000;
/** One row of a thousand is broken, and one stands twice. */
const expected = {
  rows: people,
  badRows: people / every,
  duplicates: people / every,
  added: people - (2 * people) / every,
};

function peopleFile(): string {
  const lines = ['email,name'];
  for (let row = 1; row <= people; row++) {
    if (row % every === 0) lines.push(`broken ${row},Nobody`);
    else if (row % every === 500) lines.push(`P${row - 400}@example.com,Twice`);
    else lines.push(`p${row}@example.com,Person ${row}`);
  }
  const file = join(temporaryFolder('import'), 'people.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

/** Kills a command when the import has stored so many rows. @returns how many it had stored in the end */
async function killedAt(context: TestContext, rows: number, ...args: string[]): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...context.environment },
    stdio: 'ignore',
  });
  const ended = new Promise<unknown>((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  while ((await stored(context)) < rows && child.exitCode === null) await sleep(5);
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  return stored(context);
}

async function stored(context: TestContext): Promise<number> {
  const found = await context.db.selectFrom('imports').select('rows').where('id', '=', 1).executeTakeFirst();
  return found?.rows ?? 0;
}

test('an import that is killed twice goes on with nothing lost, nothing twice, and a whole report', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  const file = peopleFile();
  const asked = ['subscribers', 'import', file, '--report'];
  const first = await killedAt(context, 1, ...asked, '--list', 'weekly', '--consent', 'At the fair');
  expect(first).toBeGreaterThan(0);
  const second = await killedAt(context, first + 1, ...asked, '--resume', '1');
  expect(second).toBeGreaterThan(first);
  expect(second).toBeLessThan(people);

  const { code, out } = await broadsheet(context, ...asked, '--resume', '1', '--json');
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ importId: 1, ...expected, updated: 0, unchanged: 0 });
  const { rows } = await sql<Record<string, number>>`
    select (select count(*)::int from subscribers) as people,
      (select count(*)::int from subscriptions where state = 'confirmed') as confirmed,
      (select count(*)::int from consent_log) as consents,
      (select count(distinct email_hash)::int from consent_log) as consenting`.execute(context.db);
  const { added } = expected;
  expect(rows[0]).toEqual({ people: added, confirmed: added, consents: added, consenting: added });

  const told = readFileSync(`${file}.problems.ndjson`, 'utf8').trimEnd().split('\n');
  const places = told.map((line) => {
    const { kind, line: at } = JSON.parse(line) as { kind: string; line: number };
    return `${kind} ${at}`;
  });
  const wanted = Array.from({ length: people / every }, (_, index) => [
    `duplicate ${index * every + 501}`,
    `bad ${(index + 1) * every + 1}`,
  ]).flat();
  expect(places.toSorted()).toEqual(wanted.toSorted());
});
