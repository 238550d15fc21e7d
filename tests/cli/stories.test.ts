import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { run } from '../stories/run.ts';
import { createTestContext } from '../support/context.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const fixture = join(import.meta.dirname, '../stories/fixtures/tidal-gate.txt');

test('an article is added from a file, listed and shown', async () => {
  const context = await createTestContext();
  const added = await run(context, [
    'stories',
    'add',
    fixture,
    '--publisher',
    'Marwick Courier',
    '--topics',
    'Floods',
  ]);
  expect(added).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^1 story: 1 new\.\n {2}1 {2}Low Water, High Hopes.*\(Marwick Courier\)\n$/,
    ),
  });
  expect((await run(context, ['stories', 'list', '--search', 'tidal'])).stdout).toContain(
    'Low Water, High Hopes',
  );
  const shown = await run(context, ['stories', 'show', '1']);
  expect(shown.stdout).toContain('publisher: Marwick Courier');
  expect(shown.stdout).toContain('A Town That Learned to Wait');
  expect(shown.stdout).not.toContain('Popular posts');
});

test('stories come from standard input; a bad line is told, the others go in', async () => {
  const context = await createTestContext();
  const lines = '{"title":"Bridge opens","url":"https://herald.example.com/bridge"}\n{"title":\n';
  expect(await run(context, ['stories', 'add', '-'], lines)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('  line 2: it is no JSON: {"title":'),
  });
  await run(
    context,
    ['stories', 'add', '-'],
    '{"title":"Bridge opens again","url":"http://m.herald.example.com/bridge?utm_source=x"}',
  );
  const shown = await run(context, ['stories', 'show', 'http://www.herald.example.com/bridge/']);
  expect(shown.stdout).toMatch(/^Bridge opens again\n/);
  expect(shown.stdout).toMatch(/Revision 1, replaced .*:\n {2}Bridge opens\n/);
  const { json } = await run(context, ['stories', 'show', '1', '--json']);
  expect(json).toMatchObject({ id: 1, revision: 2, revisions: [{ title: 'Bridge opens' }] });
});

test('a list is limited by number, time and source', async () => {
  const context = await createTestContext();
  await run(
    context,
    ['stories', 'add', '-'],
    '[{"title":"Old","published_at":"2020-01-01"},{"title":"New"}]',
  );
  const titles = async (...args: string[]) =>
    ((await run(context, ['stories', 'list', '--json', ...args])).json as { title: string }[]).map(
      ({ title }) => title,
    );
  expect(await titles()).toEqual(['New', 'Old']);
  expect(await titles('--limit', '1')).toEqual(['New']);
  expect(await titles('--since', '2d')).toEqual(['New']);
  expect(await titles('--since', '2019-12-31')).toEqual(['New', 'Old']);
});

test.each([
  [['stories', 'add', 'no-such-file'], 2, 'is neither a web address nor a file or folder'],
  [['stories', 'show', 'https://example.com/none'], 1, 'There is no story "https://example.com/none".'],
  [['stories', 'list', '--since', 'lately'], 2, '--since takes a date'],
  [['stories', 'list', '--limit', 'many'], 2, '--limit takes a whole number'],
  [['stories', 'list', '--source', 'nobody'], 1, 'There is no source "nobody".'],
])('%j fails with a sentence', async (args, code, message) => {
  const context = await createTestContext();
  expect(await run(context, args)).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});
