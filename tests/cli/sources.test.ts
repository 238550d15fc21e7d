import { expect, test, vi } from 'vitest';
import { run } from '../stories/run.ts';
import { rss, serve } from '../stories/serve.ts';
import { createTestContext } from '../support/context.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const item = '<item><title>Bridge opens</title><link>https://herald.example.com/bridge</link></item>';

test('a source is added, fetched, listed, paused, resumed and removed', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss(item) });
  const added = await run(context, [
    'sources',
    'add',
    `${url}/feed`,
    '--name',
    'Herald',
    '--interval',
    '30m',
    '--weight',
    '2',
    '--topics',
    'Local, Sea',
    '--language',
    'en',
    '--publisher',
    'The Herald',
  ]);
  expect(added).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Added the feed "Herald" (${url}/feed).`),
  });
  const fetched = await run(context, ['sources', 'fetch']);
  expect(fetched).toMatchObject({ code: 0, stdout: 'Herald: 1 story: 1 new.\n' });
  expect((await run(context, ['sources', 'fetch'])).stdout).toBe('No source is due.\n');
  expect((await run(context, ['sources', 'fetch', 'herald', '--json'])).json).toMatchObject([
    { outcome: 'fetched', intake: { unchanged: [1] } },
  ]);
  expect((await run(context, ['sources', 'list', '--json'])).json).toMatchObject([
    {
      name: 'Herald',
      publisher: 'The Herald',
      weight: 2,
      interval_seconds: 1800,
      topics: ['Local', 'Sea'],
      language: 'en',
      health: 'ok',
      stories: 1,
    },
  ]);
  expect((await run(context, ['sources', 'pause', 'Herald'])).stdout).toBe('"Herald" is paused.\n');
  expect((await run(context, ['sources', 'list'])).stdout).toMatch(/Herald +feed +paused +1/);
  expect((await run(context, ['sources', 'resume', '1'])).stdout).toBe('"Herald" is fetched again.\n');
  expect((await run(context, ['sources', 'remove', 'Herald', '--yes'])).stdout).toBe(
    '"Herald" is removed.\n',
  );
  expect((await run(context, ['sources', 'list'])).stdout).toMatch(/^There are no sources/);
});

test('a source that fails is shown with its error, and the exit code says so', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/good': rss(item), '/bad': 'oops' });
  await run(context, ['sources', 'add', `${url}/good`, '--kind', 'feed', '--name', 'Good']);
  await run(context, ['sources', 'add', `${url}/bad`, '--kind', 'feed', '--name', 'Bad']);
  const fetched = await run(context, ['sources', 'fetch']);
  expect(fetched.code).toBe(3);
  expect(fetched.stdout).toContain(`Bad: failed. What ${url}/bad sent is no feed. It begins with: "oops"`);
  expect(fetched.stdout).toContain('Good: 1 story: 1 new.');
  expect((await run(context, ['sources', 'list'])).stdout).toMatch(
    /Bad +feed +failing \(1\).*sent is no feed/,
  );
});

test.each([
  [['sources', 'fetch', 'nobody'], 1, 'There is no source "nobody".'],
  [['sources', 'add', 'not-here'], 2, 'is neither a web address nor a file or folder'],
  [
    ['sources', 'add', 'https://example.com/', '--interval', '5s'],
    2,
    '--interval takes a time of at least 60 seconds',
  ],
  [['sources', 'add', 'https://example.com/', '--weight', 'heavy'], 2, '--weight takes a number'],
  [['sources', 'import', 'no-such.opml'], 2, 'no-such.opml cannot be read'],
])('%j fails with a sentence', async (args, code, message) => {
  const context = await createTestContext();
  expect(await run(context, args)).toMatchObject({ code, stderr: expect.stringContaining(message) });
});

test('OPML comes in from standard input and goes out on standard output', async () => {
  const context = await createTestContext();
  const opml =
    '<opml version="2.0"><body><outline text="Sea"><outline text="Herald" type="rss" xmlUrl="https://herald.example.com/feed"/></outline><outline text="Odd" xmlUrl="mailto:x@example.com"/></body></opml>';
  const imported = await run(context, ['sources', 'import', '-'], opml);
  expect(imported.stdout).toBe(
    '1 added, 0 already there, 1 left out:\n  Odd: mailto:x@example.com is no web address\n',
  );
  const exported = await run(context, ['sources', 'export']);
  expect(exported.stdout).toMatch(/^<\?xml/);
  expect(exported.stdout).toContain('xmlUrl="https://herald.example.com/feed"');
  expect(exported.stdout).toContain('category="Sea"');
});
