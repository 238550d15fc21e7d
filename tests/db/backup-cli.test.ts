import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '../support/command.ts';
import { createTestContext } from '../support/context.ts';
import { startHttp } from '../support/feeds.ts';
import { program } from '../support/program.ts';

const run = promisify(execFile);

test('the embedded data are backed up, restored and copied by commands; serve says loudly that it is held', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-backup-'));
  // As root the server runs under another account, which has to get in here.
  chmodSync(folder, 0o755);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const environment = (home: string) => ({
    PATH: process.env.PATH,
    HOME: folder,
    BROADSHEET_HOME: join(folder, home),
    NO_COLOR: '1',
  });
  const broadsheet = async (home: string, ...args: string[]) => {
    const { stdout } = await run(process.execPath, [...program, ...args], {
      cwd: folder,
      env: environment(home),
    });
    return JSON.parse(stdout);
  };
  const file = join(folder, 'all.sql.gz');

  expect(await broadsheet('home', 'lists', 'create', 'readers', '--json')).toMatchObject({ slug: 'readers' });
  const { id } = await broadsheet('home', 'db', 'identity', '--json');
  expect(await broadsheet('home', 'db', 'backup', file, '--json')).toMatchObject({ file, left: [] });
  await expect(broadsheet('home', 'db', 'restore', file, '--yes')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/"broadsheet" is not empty[\s\S]*--replace broadsheet/),
  });
  expect(
    await broadsheet('home', 'db', 'restore', file, '--replace', 'broadsheet', '--yes', '--json'),
  ).toMatchObject({ database: 'broadsheet', former: null, held: true });

  const serve = spawn(process.execPath, [...program, 'serve', '--port', '0'], {
    cwd: folder,
    env: environment('home'),
  });
  let said = '';
  for (const stream of [serve.stdout, serve.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise((resolve) => serve.once('exit', resolve));
  onTestFinished(() => void serve.kill('SIGKILL'));
  const until = async (words: RegExp) => {
    for (let tries = 0; tries < 600 && !words.test(said); tries++) await sleep(50);
    expect(said).toMatch(words);
  };
  await until(/SENDING IS HELD\. The data were restored from a backup[\s\S]*Serving http/);
  expect(await broadsheet('home', 'db', 'adopt', '--yes', '--json')).toMatchObject({ id, held: null });
  await until(/was adopted: sending begins/);
  serve.kill('SIGTERM');
  expect(await ended).toBe(0);

  // A copy of the folder, made while nothing runs, is another data folder.
  if (existsSync(join(folder, 'home/postgres'))) {
    await run('cp', ['-a', join(folder, 'home'), join(folder, 'copy')]);
    expect(await broadsheet('copy', 'db', 'identity', '--json')).toMatchObject({
      id,
      held: expect.stringMatching(/^The data are a copy: the data folder is not what it was/),
    });
  }
}, 180_000);

test('a backup that fails and that nobody watches tells whoever looks after the server', async () => {
  const told: string[] = [];
  const hook = await startHttp((request, response) => {
    request.on('data', (chunk) => told.push(String(chunk)));
    request.on('end', () => response.end());
  });
  const { environment, config } = await createTestContext();
  const settings = { ...environment, ALERT_WEBHOOK: `${hook}/alert` };
  const nowhere = join(config.home, 'not-there', 'all.sql.gz');
  expect((await runCommand(settings, ['db', 'backup', nowhere])).code).toBe(1);
  expect(told).toEqual([]);
  const { code, err } = await runCommand(settings, ['db', 'backup', nowhere, '--alert']);
  expect([code, err.includes('not-there')]).toEqual([1, true]);
  expect(JSON.parse(told.join(''))).toMatchObject({
    title: 'The backup failed',
    what: expect.stringContaining('not-there'),
    facts: [{ name: 'File', value: nowhere }],
  });
  expect(
    (await runCommand(settings, ['db', 'backup', join(config.home, 'all.sql.gz'), '--alert'])).code,
  ).toBe(0);
  expect(told).toHaveLength(1);
});
