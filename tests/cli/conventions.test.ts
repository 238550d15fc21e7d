import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { rss } from '../stories/serve.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { program } from '../support/program.ts';
import { broadsheet } from './run.ts';

// Some commands start a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const run = promisify(execFile);

test('wrong use ends with 2, and with --json one line on standard error says so', async () => {
  const context = await createTestContext();
  for (const args of [
    ['lists', 'creat'],
    ['lists', 'create', 'x', '--opt-inn', 'single'],
    ['stories', 'list', '--limit', 'none'],
  ]) {
    const { code, out, err } = await broadsheet(context, ...args, '--json');
    expect({ code, out }, args.join(' ')).toEqual({ code: 2, out: '' });
    expect(JSON.parse(err)).toEqual({ error: expect.objectContaining({ code: 'usage' }) });
  }
  const { ended } = start(context, 'lists', 'creat');
  expect(await ended).toMatchObject({ code: 2 });
  expect((await ended).err).toMatch(/unknown command 'creat'[\s\S]*Did you mean create\?[\s\S]*--help/);
});

test('what failed ends with 1, and what it says goes to standard error only', async () => {
  const context = await createTestContext();
  const { code, out, err } = await start(context, 'editions', 'show', '99', '--json').ended;
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(JSON.parse(err)).toEqual({
    error: expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('editions list') }),
  });
});

test('colour is for terminals: a pipe gets none unless it is forced, and never with NO_COLOR', async () => {
  const { PATH } = process.env;
  const list = (environment: Record<string, string>) =>
    run(process.execPath, [...program, 'config', 'list'], {
      cwd: packageRoot,
      env: { PATH, ...environment },
    });
  const [piped, forced, without] = await Promise.all([
    list({}),
    list({ FORCE_COLOR: '1' }),
    list({ NO_COLOR: '1' }),
  ]);
  expect(forced.stdout).toContain('\u001b[');
  for (const { stdout } of [piped, without]) {
    expect(stdout).not.toContain('\u001b[');
    expect(stdout).toMatch(/^setting +value +from\n/);
  }
});

test('who has read enough of a pipe ends it without an error', async () => {
  const { stdout } = await run(
    'bash',
    ['-c', `"$0" "$@" completion fish 2>&1 | true; echo "\${PIPESTATUS[0]}"`, process.execPath, ...program],
    { cwd: packageRoot },
  );
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('0');
  expect(stdout).not.toContain('EPIPE');
});

/** A server that keeps each request until it is let go. */
async function slowServer() {
  let arrived = () => {};
  let letGo = () => {};
  const request = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const server = createServer(async (_request, response) => {
    arrived();
    await gate;
    response.setHeader('Content-Type', 'application/rss+xml');
    response.end(rss('<item><title>Bridge opens</title><link>https://herald.example.com/1</link></item>'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    letGo();
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, request, letGo };
}

function start(context: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...context.environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => {
    out += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, out, err }));
  return { child, ended, err: () => err };
}

test('Ctrl-C ends a command that works in steps after the step at hand, with 130; a second one at once', async () => {
  const context = await createTestContext();
  const slow = await slowServer();
  for (const name of ['one', 'two'])
    await broadsheet(context, 'sources', 'create', `${slow.url}/${name}`, '--kind', 'feed', '--name', name);
  const fetching = start(context, 'sources', 'fetch', 'one', 'two');
  await slow.request;
  fetching.child.kill('SIGINT');
  await vi.waitFor(() => expect(fetching.err()).toContain('Finishing the step at hand'), 10_000);
  slow.letGo();
  expect(await fetching.ended).toMatchObject({
    code: 130,
    err: expect.stringContaining('1 of 2 were fetched. The same command goes on with the others.'),
  });
  const stories = await broadsheet(context, 'stories', 'list', '--json');
  expect(JSON.parse(stories.out)).toHaveLength(1);

  const stuck = await slowServer();
  await broadsheet(context, 'sources', 'create', `${stuck.url}/three`, '--kind', 'feed', '--name', 'three');
  const impatient = start(context, 'sources', 'fetch', 'three');
  await stuck.request;
  impatient.child.kill('SIGINT');
  await vi.waitFor(() => expect(impatient.err()).toContain('again to end at once'), 10_000);
  impatient.child.kill('SIGINT');
  expect((await impatient.ended).code).toBe(130);
});

test('Ctrl-C ends any other command at once, with 130', async () => {
  const context = await createTestContext();
  const slow = await slowServer();
  const adding = start(context, 'sources', 'create', `${slow.url}/feed`);
  await slow.request;
  adding.child.kill('SIGINT');
  expect(await adding.ended).toMatchObject({ code: 130, err: expect.stringContaining('Interrupted.') });
});
