import { expect, test, vi } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

test('a list is made, listed and shown, by short name and by id', async () => {
  const context = await createTestContext();
  const made = await broadsheet(
    context,
    'lists',
    'create',
    'harbour',
    '--name',
    'The Harbour Letter',
    '--opt-in',
    'single',
    '--topics',
    'Fish, Weather',
    '--json',
  );
  expect(made).toMatchObject({ code: 0, err: '' });
  const list = JSON.parse(made.out);
  expect(list).toMatchObject({
    slug: 'harbour',
    name: 'The Harbour Letter',
    optIn: 'single',
    topics: ['fish', 'weather'],
  });
  const listed = await broadsheet(context, 'lists', 'list');
  expect(listed.out).toMatch(/harbour\s+The Harbour Letter\s+single\s+0\s+0\s+0/);
  for (const name of ['harbour', String(list.id)])
    expect((await broadsheet(context, 'lists', 'show', name)).out).toContain('/subscribe/harbour');
});

test('a wrong list is answered with a sentence and exit code 1, wrong use with 2', async () => {
  const context = await createTestContext();
  const unknown = await broadsheet(context, 'lists', 'show', 'nope');
  expect(unknown).toMatchObject({ code: 1, out: '' });
  expect(unknown.err).toContain('There is no list "nope".');
  expect(unknown.err).toContain('broadsheet lists create');
  expect(unknown.err).not.toContain('    at ');
  const misused = await broadsheet(context, 'lists', 'create', 'x', '--opt-in', 'triple');
  expect(misused.code).toBe(2);
});
