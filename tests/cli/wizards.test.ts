import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { Interrupted } from '../../src/cli/interrupt.ts';
import { findRoute } from '../../src/delivery/routes.ts';
import { findNewsletter } from '../../src/editions/newsletters.ts';
import { findSource } from '../../src/stories/sources.ts';
import { listLists } from '../../src/subscribers/lists.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedList } from '../support/seed.ts';
import { inProcess, inProcessAt } from './in-process.ts';
import { keys, terminalWith } from './terminal.ts';

vi.setConfig({ testTimeout: 60_000 });

const { enter, down, space, erase, ctrlC } = keys;

test('"lists create" asks for what a list is, says what is wrong with an answer, and shows the command', async () => {
  const context = await createTestContext();
  await seedList(context, 0, 'the-weekly');
  const person = terminalWith([
    ['What do readers call the list?', enter],
    ['This needs an answer', `The Weekly${enter}`],
    ['Its short name', enter],
    ['There is a list "the-weekly" already', `-2${enter}`],
    ['A line for the page', `It's out on Fridays${enter}`],
    ['When is somebody on it?', `${down}${enter}`],
    ['Topics to choose among', `climate, energy${enter}`],
    ['Which mails', `${down}${space}${enter}`],
    ['Do this?', enter],
  ]);
  const { out } = await inProcessAt(person.asking, context.environment, 'lists', 'create');
  expect(person.left()).toEqual([]);
  expect(out).toContain('Made the list "The Weekly" (the-weekly-2).');
  const made = (await listLists(context)).find(({ slug }) => slug === 'the-weekly-2');
  expect(made).toMatchObject({
    ...{ name: 'The Weekly', description: "It's out on Fridays", optIn: 'single' },
    ...{ topics: ['climate', 'energy'], welcome: true, goodbye: true },
  });
  expect(person.screen()).toContain(
    `The same without questions:\n  broadsheet lists create 'The Weekly' --slug the-weekly-2 --description 'It'\\''s out on Fridays' --opt-in single --topics 'climate, energy' --goodbye on\n`,
  );
});

test('"newsletters create" asks for what was not given only, and the command that it shows makes the same', async () => {
  const context = await createTestContext();
  for (const slug of ['readers', 'staff']) await seedList(context, 1, slug);
  const person = terminalWith([
    ['What do readers call the newsletter?', `Harbour Letter${enter}`],
    ['Its short name', enter],
    ['The address that it is sent from', `nobody${enter}`],
    ['nobody', `@example.com${enter}`],
    ['When does it come?', `${down}${down}${enter}`],
    ['On which day?', enter],
    ['At what time?', `${erase}25:00${enter}`],
    ['Write it as 07:00', `${erase}6:30${enter}`],
    ['In which time zone', `${erase}Europe/Berlin${enter}`],
    ['Which lists get it?', `${space}${enter}`],
    ['Who lets an edition go?', enter],
    ['In which language', `${down}${enter}`],
    ['Do this?', enter],
  ]);
  const { environment } = context;
  await inProcessAt(person.asking, environment, 'newsletters', 'create', '--theme', 'briefing');
  expect(person.left()).toEqual([]);
  const made = await findNewsletter(context, 'harbour-letter');
  expect(made).toMatchObject({
    ...{ name: 'Harbour Letter', from_address: 'nobody@example.com', cron: '30 6 * * 5' },
    ...{ time_zone: 'Europe/Berlin', mode: 'approval', theme: 'briefing', language: 'es' },
  });
  const line = /without questions:\n {2}broadsheet (.*)\n/.exec(person.screen())?.[1] ?? '';
  const words = (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
  await inProcess(environment, ...words.map((word) => (word === 'harbour-letter' ? 'again' : word)));
  const shown = async (slug: string) => {
    const { id, next, ...rest } = JSON.parse(
      (await inProcess(environment, 'newsletters', 'show', slug, '--json')).out,
    );
    return { ...rest, slug: '' };
  };
  expect(await shown('again')).toEqual(await shown('harbour-letter'));
  expect(await shown('again')).toMatchObject({ lists: ['readers'] });
});

test('"routes create" builds the address, and never shows the password', async () => {
  const context = await createTestContext();
  const person = terminalWith([
    ['The mail server', `mail.example.com:25${enter}`],
    ['Give its host name', `${erase}mail.example.com${enter}`],
    ['How does it talk?', `${down}${enter}`],
    ['Its port', enter],
    ['The name to log in with', `user@example.com${enter}`],
    ['The password', `p/w:1${enter}`],
    ['Connections at a time', `10${enter}`],
    ['Do this?', enter],
  ]);
  await inProcessAt(person.asking, context.environment, 'routes', 'create', 'main', '--per-second', '14');
  expect(person.left()).toEqual([]);
  expect(await findRoute(context, 'main')).toMatchObject({
    url: 'smtps://user%40example.com:p%2Fw%3A1@mail.example.com:465',
    ...{ perSecond: 14, connections: 10 },
  });
  expect(person.screen()).toContain(
    'broadsheet routes create main smtps://user%40example.com:PASSWORD@mail.example.com:465 --per-second 14 --connections 10',
  );
  expect(person.screen()).not.toMatch(/p(?:\/|%2F)w/);
});

test('"sources add" asks for an address, and no is no', async () => {
  const context = await createTestContext();
  const folder = temporaryFolder('wizard');
  const dialogue = [
    ['Where do the stories come from?', `${folder}${enter}`],
    ['What is it?', enter],
    ['What to call it', `Desk${enter}`],
    ['Topics of all its stories', enter],
    ['How often to fetch it', `${erase}2h${enter}`],
  ] as const;
  const no = terminalWith([...dialogue, ['Do this?', 'n']]);
  const add = (person: ReturnType<typeof terminalWith>) =>
    inProcessAt(person.asking, context.environment, 'sources', 'add');
  await expect(add(no)).rejects.toMatchObject({ code: 'declined' });
  await expect(findSource(context, 'Desk')).rejects.toMatchObject({ code: 'not-found' });
  const yes = terminalWith([...dialogue, ['Do this?', enter]]);
  await add(yes);
  expect(await findSource(context, 'Desk')).toMatchObject({ kind: 'folder', interval_seconds: 7200 });
  expect(yes.screen()).toContain(`broadsheet sources add ${folder} --name Desk --interval 2h`);
});

test('Ctrl-C at a question ends it; where nobody can be asked, it is a misuse that says what it takes', async () => {
  const context = await createTestContext();
  const away = terminalWith([['What do readers call the list?', ctrlC]]);
  const { environment } = context;
  await expect(inProcessAt(away.asking, environment, 'lists', 'create')).rejects.toBeInstanceOf(Interrupted);
  const input = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.ReadStream;
  for (const args of [['lists'], ['newsletters'], ['sources'], ['routes']]) {
    const refused = (asking: object, ...more: string[]) =>
      expect(inProcessAt(asking, environment, ...args, 'create', ...more), args[0]).rejects.toMatchObject({
        code: 'usage',
        message: expect.stringMatching(/^It takes /),
      });
    await refused({ ...away.asking, input });
    await refused(away.asking, '--json');
  }
});
