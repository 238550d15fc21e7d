import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedStories } from '../support/stories.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const folder = temporaryFolder('cli');

test('topics are added, changed, taken from a file, given to stories, and removed', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  await seedStories(context, [{ title: 'Dockers load the first container ship', publisher: 'Harbour Post' }]);
  const run = (...args: string[]) => broadsheet(context, 'topics', ...args);

  const added = await run('add', 'harbour', '--keywords', 'quay,dock*,container ship*', '--json');
  expect(added).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(added.out)).toMatchObject({ slug: 'harbour', name: 'Harbour' });
  expect(await run('add', 'harbour')).toMatchObject({ code: 1, err: expect.stringContaining('already') });
  expect((await run('label')).out).toContain('Gave 1 story its topics.');
  const shown = await broadsheet(context, 'stories', 'show', '1');
  expect(shown.out).toMatch(/harbour \(75 %\): it says dock, container ship/);

  await run('edit', 'harbour', '--name', 'Port and harbour');
  expect(JSON.parse((await run('show', 'harbour')).out)).toMatchObject({
    name: 'Port and harbour',
    keywords: ['quay', 'dock*', 'container ship*'],
  });
  const listed = JSON.parse((await run('list', '--json')).out) as { slug: string; stories: number }[];
  expect(listed.find(({ slug }) => slug === 'harbour')?.stories).toBe(1);

  const file = join(folder, 'topics.json');
  writeFileSync(file, JSON.stringify([{ slug: 'music', name: 'Music', keywords: ['choir'] }]));
  expect((await run('import', file)).code).toBe(0);
  expect((await run('export')).out).toContain('"slug": "music"');
  writeFileSync(file, '{"slug": "music"}');
  expect(await run('import', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('no list of topics'),
  });
  writeFileSync(file, '[{"slug": "music", "name": "Music", "tags": []}]');
  expect(await run('import', file)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/Topic "music" is wrong:[\s\S]*tags/),
  });
  expect((await run('remove', 'music', '--yes')).code).toBe(0);
  expect(await run('show', 'music')).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no topic "music"'),
  });
});

test('a newsletter around a file sends what is like it, and its policies are listed', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  await seedStories(context, [
    { title: 'Marlow Bay counts the damage of storm Odile', publisher: 'Harbour Post' },
    { title: 'Storm Odile sinks boats in Marlow Bay', publisher: 'City Desk' },
    { title: 'Stone oven bakery opens in Aldermoor', publisher: 'City Desk' },
  ]);
  const file = join(folder, 'seed.txt');
  writeFileSync(
    file,
    'Storm Odile floods Marlow Bay\n\nThe storm Odile has flooded the harbour of Marlow Bay. Hundreds have left their homes, and boats have sunk.\n',
  );
  const created = await broadsheet(
    context,
    ...['newsletters', 'create', 'odile', '--from', 'odile@example.com', '--cron', '0 7 * * *'],
    ...['--about', file, '--json'],
  );
  expect(created).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(created.out)).toMatchObject({
    policyVersion: 1,
    policy: { minimumStories: 1, about: { title: 'Storm Odile floods Marlow Bay' } },
  });
  const built = await broadsheet(context, 'editions', 'build', 'odile');
  expect(built).toMatchObject({ code: 0 });
  const explained = JSON.parse((await broadsheet(context, 'selection', 'explain', 'odile', '--json')).out);
  expect(explained.stories).toHaveLength(1);
  expect(explained.stories[0].reason.text).toMatch(/^On the same event as "Storm Odile floods Marlow Bay"/);
  expect(explained.policyVersion).toBe(1);

  const policy = join(folder, 'policy.json');
  writeFileSync(policy, '{"halfLifeHours": 6}');
  await broadsheet(
    context,
    ...['newsletters', 'edit', 'odile', '--policy', policy, '--policy-note', 'fresher'],
  );
  const policies = JSON.parse((await broadsheet(context, 'selection', 'policies', 'odile', '--json')).out);
  expect(policies).toMatchObject([
    // What the newsletter is about stays.
    {
      version: 2,
      note: 'fresher',
      policy: { halfLifeHours: 6, minimumStories: 1, about: { title: 'Storm Odile floods Marlow Bay' } },
    },
    { version: 1 },
  ]);
  expect(await broadsheet(context, 'selection', 'policies', 'odile', '--show', '9')).toMatchObject({
    code: 1,
    err: expect.stringContaining('There are: 2, 1.'),
  });
});
