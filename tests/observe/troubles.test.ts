import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { endTroubles, raiseTroubles, tellTroubles } from '../../src/delivery/troubles.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { editNewsletter } from '../../src/editions/newsletters.ts';
import { watch } from '../../src/schedule/watch.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { startHttp } from '../support/feeds.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

/** A context whose alerts are kept, as they were posted. */
async function told() {
  const posts: { title: string; what: string; facts: { name: string; value: string }[] }[] = [];
  const hook = await startHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      posts.push(JSON.parse(body));
      response.end();
    });
  });
  const context = await createTestContext({ alertWebhook: `${hook}/alert` });
  /** The titles so far, when there are so many. */
  const titles = async (count: number) => {
    await expect.poll(() => posts.length).toBe(count);
    return posts.map(({ title }) => title);
  };
  return { context, posts, titles };
}

async function sending(context: TestContext, readers: number) {
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  await context.db.updateTable('deliveries').set({ state: 'accepted', smtp_code: 250 }).execute();
  const comesBack = async (kind: string, count: number, from = 0) =>
    context.db
      .insertInto('feedback_events')
      .values(
        subscriberIds.slice(from, from + count).map((id) => ({
          kind,
          source: 'mailbox',
          external_id: `${kind}-${id}`,
          edition_id: editionId,
          subscriber_id: id,
          action: 'counted',
          at: context.clock.now(),
          recorded_at: context.clock.now(),
        })),
      )
      .execute();
  return { editionId, newsletter, comesBack };
}

test('late editions are told once, together, and told when that is over', async () => {
  const { context, posts, titles } = await told();
  const { listId } = await seedList(context, 2);
  const newsletter = await seedNewsletter(context, [listId]);
  const first = await seedEdition(context, newsletter.id);
  const second = await seedEdition(
    context,
    newsletter.id,
    undefined,
    new Date(context.clock.now().getTime() - 60_000),
  );
  context.clock.advance(13 * 60_000);
  await watch(context);
  expect(await context.db.selectFrom('troubles').selectAll().execute()).toEqual([]);
  context.clock.advance(3 * 60_000);
  // Two processes at once.
  await Promise.all([watch(context), watch(context)]);
  context.clock.advance(60_000);
  await watch(context);
  await planDeliveries(context, first);
  await planDeliveries(context, second);
  await watch(context);
  const all = await titles(2);
  expect(all).toEqual(expect.arrayContaining(['2 things need a person', 'Over: 2 troubles']));
  expect(posts.find(({ title }) => title.startsWith('2'))?.what).toContain(
    `Edition ${first} of The Harbour Post is late`,
  );
});

test('too many bounces pause an edition, once: whoever lets it go on has seen it', async () => {
  const { context, titles } = await told();
  const { editionId, newsletter, comesBack } = await sending(context, 40);
  await comesBack('hard', 4);
  await watch(context);
  // Of 40 nothing is concluded.
  expect((await getEdition(context, editionId)).state).toBe('sending');
  await editNewsletter(context, newsletter.id, { stopRates: { after: 40, bounces: 0.1 } });
  await watch(context);
  expect((await getEdition(context, editionId)).state).toBe('sending');
  await comesBack('hard', 1, 4);
  await watch(context);
  expect(await getEdition(context, editionId)).toMatchObject({
    state: 'paused',
    state_reason: '5 of 40 messages were refused for good or came back (13 %, the limit is 10 %)',
  });
  expect(await titles(1)).toEqual([`Edition ${editionId} of The Harbour Post is paused`]);
  await move(context, editionId, 'resume');
  await watch(context);
  expect((await getEdition(context, editionId)).state).toBe('sending');
  expect(await titles(2)).toContain(`Over: Edition ${editionId} of The Harbour Post is paused`);
});

test('complaints pause an edition from three people on, and refused messages count as bounces', async () => {
  const { context } = await told();
  const { editionId, newsletter, comesBack } = await sending(context, 30);
  await editNewsletter(context, newsletter.id, { stopRates: { after: 30 } });
  await comesBack('complaint', 2);
  await watch(context);
  expect((await getEdition(context, editionId)).state).toBe('sending');
  await comesBack('complaint', 1, 2);
  await watch(context);
  expect((await getEdition(context, editionId)).state_reason).toContain('3 of 30 readers complained');
  await move(context, editionId, 'resume');
  await context.database.pool.query(
    `update deliveries set state = 'failed', smtp_code = 550 where subscriber_id in (select subscriber_id from deliveries order by 1 limit 2)`,
  );
  await watch(context);
  expect((await getEdition(context, editionId)).state_reason).toContain('2 of 30 messages were refused');
});

test('what a server says is kept without addresses, and a route is up again when it was not found down for a while', async () => {
  const { context, posts, titles } = await told();
  const trouble = {
    key: 'route:mail.example.com',
    about: {
      title: 'The route is down',
      what: 'It takes no mail.',
      facts: [{ name: 'Says', value: 'no\nreader1@example.com' }],
      todo: 'Mend it.',
    },
  };
  await raiseTroubles(context, [trouble]);
  context.clock.advance(8 * 60_000);
  await raiseTroubles(context, [trouble]);
  context.clock.advance(8 * 60_000);
  await watch(context);
  const kept = await context.db.selectFrom('troubles').selectAll().executeTakeFirstOrThrow();
  expect(kept).toMatchObject({ ended_at: null, about: { facts: [{ value: 'no\n(address)' }] } });
  context.clock.advance(3 * 60_000);
  await watch(context);
  expect((await titles(2)).toSorted()).toEqual(['Over: The route is down', 'The route is down']);
  expect(posts).toHaveLength(2);
});

test('what could not be told is told when mail goes again, once, and so is what a process left behind', async () => {
  let isAway = true;
  let asked = 0;
  const smtp = await startSmtp({
    onRecipient: () => {
      asked++;
      return isAway ? refusal(451, '4.3.0 later') : undefined;
    },
  });
  const context = await createTestContext({ smtpUrl: smtp.url, alertEmail: 'admin@example.com' });
  const trouble = (key: string) => ({
    key,
    about: { title: `The route ${key} is down`, what: 'It takes no mail.', facts: [], todo: 'Mend it.' },
  });
  const subjects = () => smtp.received.map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw)?.[1]);
  const untold = async () =>
    (await context.db.selectFrom('troubles').select('key').where('told_at', 'is', null).execute()).length;
  const isFree = () =>
    expect
      .poll(() =>
        context.db.selectFrom('troubles').select('key').where('telling_at', 'is not', null).execute(),
      )
      .toEqual([]);

  await raiseTroubles(context, [trouble('route:a')]);
  await expect.poll(() => asked).toBe(1);
  await isFree();
  expect(await untold()).toBe(1);
  isAway = false;
  await Promise.all([tellTroubles(context), tellTroubles(context)]);
  await raiseTroubles(context, [trouble('route:a')]);
  await tellTroubles(context);
  expect(subjects()).toEqual(['The route route:a is down']);

  // One that was killed while it told: others leave it the time for that, and no more.
  await context.db.updateTable('troubles').set({ told_at: null, telling_at: context.clock.now() }).execute();
  context.clock.advance(60_000);
  await tellTroubles(context);
  expect(smtp.received).toHaveLength(1);
  context.clock.advance(61_000);
  await tellTroubles(context);
  expect(smtp.received).toHaveLength(2);

  isAway = true;
  await endTroubles(context, ['route:a']);
  await expect.poll(() => asked).toBe(4);
  await isFree();
  isAway = false;
  await tellTroubles(context);
  expect(subjects().at(-1)).toBe('Over: The route route:a is down');
  expect(await untold()).toBe(0);
});
