import { expect, test } from 'vitest';
import { noteWording } from '../../src/subscribers/consent.ts';
import { noteLeaveReason } from '../../src/subscribers/leave-reasons.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext } from '../support/context.ts';
import { inProcess } from './in-process.ts';

test('statistics of a list tell why people left; a person is shown with the page and words of their consent', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const { id } = await createList(context, { name: 'Weekly', optIn: 'single' });
  const wording = await noteWording(context, { language: 'en', text: 'Weekly\nYes, mail me each Friday' });
  const people: number[] = [];
  for (const name of ['ada', 'bob', 'cem']) {
    const email = `${name}@example.com`;
    const origin = { via: 'form', page: '/subscribe/weekly', wording };
    people.push((await subscribe(context, { ...origin, email, list: 'weekly' })).subscriberId ?? 0);
  }
  const leave = async (person: number, reason: 'too-many' | 'other', comment?: string) => {
    await unsubscribe(context, person, [id], { via: 'link' });
    await noteLeaveReason(context, person, [id], { reason, comment });
  };
  await leave(people[0] ?? 0, 'too-many', 'Once a week\nis enough');
  await leave(people[1] ?? 0, 'too-many');

  const { out } = await inProcess(context.environment, 'lists', 'stats', 'weekly');
  expect(out).toMatch(/Who left and said why, ever:\nreason +people +\ntoo many mails +2 +█{30}\n/);
  expect(out).toMatch(/What they wrote, the latest first:\n {2}\d{4}-\d\d-\d\d {2}Once a week is enough\n/);
  const stats = JSON.parse((await inProcess(context.environment, 'lists', 'stats', 'weekly', '--json')).out);
  expect(stats.leaveReasons).toEqual({ 'too-many': 2, 'not-relevant': 0, 'never-asked': 0, other: 0 });
  expect(stats.leaveComments).toMatchObject([{ reason: 'too-many', comment: 'Once a week\nis enough' }]);

  const shown = await inProcess(context.environment, 'subscribers', 'show', 'cem@example.com');
  expect(shown.out).toMatch(new RegExp(`/subscribe/weekly +${wording}`));
  expect(shown.out).toContain(`Wording ${wording}:\n  Weekly\n  Yes, mail me each Friday\n`);
});
