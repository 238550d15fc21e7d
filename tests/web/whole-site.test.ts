import { expect, onTestFinished, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { buildEdition } from '../../src/editions/build.ts';
import { ensureEdition, getEdition } from '../../src/editions/editions.ts';
import type { explainEdition } from '../../src/editions/explain.ts';
import { linkSigner } from '../../src/links.ts';
import type { RelatedStory } from '../../src/selection/chosen.ts';
import { addStories } from '../../src/stories/add.ts';
import { startSite } from '../../src/web/site.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

async function site(context: TestContext): Promise<string> {
  const running = await startSite(context, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => running.close());
  return running.url;
}

test('a reader sees in the browser what was sent, even after they were erased', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 1);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  await context.db
    .updateTable('deliveries')
    .set({ state: 'accepted', stories: [5, 1] })
    .execute();
  const base = await site(context);
  const signer = await linkSigner(context);
  const url = `${base}/view/${signer.sign('view', [subscriberIds[0] as number, editionId])}`;

  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  const html = await page.text();
  expect([...new Set([...html.matchAll(/Story number (\d)/g)].map((match) => match[1]))]).toEqual(['5', '1']);
  expect(html).toContain('reader1@example.com');

  await context.db.deleteFrom('subscribers').execute();
  const later = await (await fetch(url)).text();
  expect(later).toContain('Story number 5');
  expect(later).not.toContain('reader1@example.com');
});

test('a link that we did not make shows nothing', async () => {
  const context = await createTestContext();
  const base = await site(context);
  const signer = await linkSigner(context);
  for (const path of [
    '/view/1-1-abc',
    `/view/${signer.sign('unsubscribe', [1, 1])}`,
    `/view/${signer.sign('view', [1, 99])}`,
    '/read/1-abc',
    `/read/${signer.sign('read', [99])}`,
  ])
    expect((await fetch(base + path)).status).toBe(404);
});

test('a story without an address of its own has a page', async () => {
  const context = await createTestContext();
  const { ids } = await addStories(context, {
    text: 'The <b>bridge</b> hums again\n\nAt night the bridge hums.\n\nEngineers are puzzled.\n',
  });
  const base = await site(context);
  const page = await (
    await fetch(`${base}/read/${(await linkSigner(context)).sign('read', [ids[0] as number])}`)
  ).text();
  expect(page).toContain('The &lt;b&gt;bridge&lt;/b&gt; hums again');
  expect(page).toContain('<p>Engineers are puzzled.</p>');
});

test('the first page leads to what there is to subscribe to', async () => {
  const context = await createTestContext();
  await context.db.insertInto('lists').values({ slug: 'readers', name: 'Readers <of> Wendmark' }).execute();
  const base = await site(context);
  const page = await (await fetch(base)).text();
  expect(page).toContain('Readers &lt;of&gt; Wendmark');
  expect(page).toContain('href="/subscribe/readers"');
  expect(page).toContain('href="/inbox"');
});

test('an edition that was never rendered has no page', async () => {
  const context = await createTestContext();
  const newsletter = await seedNewsletter(context, []);
  const editionId = await seedEdition(context, newsletter.id);
  await context.db.deleteFrom('compiled_editions').execute();
  await expect(
    prepareComposer(context, await getEdition(context, editionId), await linkSigner(context)),
  ).rejects.toThrow(/has not been rendered/);
  const base = await site(context);
  expect(
    (await fetch(`${base}/view/${(await linkSigner(context)).sign('view', [0, editionId])}`)).status,
  ).toBe(404);
});

const story = {
  title: 'Ferry rides the tide',
  url: 'https://news.example.com/ferry',
  publisher: 'Harbour Post',
};
const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

test('POST /api/stories takes stories in, reports the bad ones, and the good ones go in', async () => {
  const context = await createTestContext();
  const base = await site(context);
  const answer = await post(`${base}/api/stories`, [
    story,
    { url: 'https://news.example.com/untitled' },
    { ...story, url: 'https://news.example.com/2', title: 'Two' },
  ]);
  expect(answer.status).toBe(200);
  const result = (await answer.json()) as { added: number[]; problems: { where: string }[] };
  expect(result.added).toHaveLength(2);
  expect(result.problems.map((problem) => problem.where)).toEqual(['story 2']);
  expect(await (await post(`${base}/api/stories`, story)).json()).toMatchObject({
    added: [],
    unchanged: [expect.any(Number)],
  });
  const ndjson = await post(
    `${base}/api/stories`,
    `${JSON.stringify({ ...story, url: 'https://news.example.com/3' })}\nnonsense\n`,
    { 'Content-Type': 'application/x-ndjson' },
  );
  expect(await ndjson.json()).toMatchObject({ added: [expect.any(Number)], problems: [{ where: 'line 2' }] });
});

test('the API answers bad input in JSON', async () => {
  const context = await createTestContext();
  const base = await site(context);
  const answers = await Promise.all([
    post(`${base}/api/stories`, '{nonsense'),
    post(`${base}/api/stories`, '42'),
    post(`${base}/api/stories`, [{ nothing: true }]),
    post(`${base}/api/nothing`, {}),
    post(`${base}/api/stories`, `[${'{"title":"x"},'.repeat(800_000)}{}]`),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([400, 400, 422, 404, 413]);
  for (const [index, answer] of answers.entries()) {
    const body = (await answer.json()) as { error?: { message: string }; problems?: unknown[] };
    if (index === 2) expect(body.problems).toHaveLength(1);
    else expect(body.error?.message).toMatch(/\w/);
  }
  expect(await context.db.selectFrom('stories').select('id').execute()).toEqual([]);
});

test('with an API token set, only who knows it may call', async () => {
  const context = await createTestContext({ apiToken: 'a-token-of-the-test' });
  const base = await site(context);
  expect((await post(`${base}/api/stories`, story)).status).toBe(401);
  expect((await post(`${base}/api/stories`, story, { Authorization: 'Bearer wrong' })).status).toBe(401);
  expect(
    (await post(`${base}/api/stories`, story, { Authorization: 'Bearer a-token-of-the-test' })).status,
  ).toBe(200);
});

test('without an API token, a call that came through a proxy or under another name is refused', async () => {
  const context = await createTestContext();
  const base = await site(context);
  expect((await post(`${base}/api/stories`, story, { 'X-Forwarded-For': '203.0.113.5' })).status).toBe(403);
});

test('the API tells why an edition is as it is, and what is related to a story', async () => {
  const context = await createTestContext();
  const base = await site(context);
  const [first] = await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, []);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await buildEdition(context, edition.id);

  const answer = await fetch(`${base}/api/editions/harbour-post`);
  expect(answer.status).toBe(200);
  const explained = (await answer.json()) as Awaited<ReturnType<typeof explainEdition>>;
  expect(explained).toMatchObject({ edition: edition.id, policyVersion: 1 });
  expect(explained.stories[0]).toMatchObject({
    slot: 'lead',
    reason: { text: expect.stringContaining('Reported by 5 publishers'), parts: { publishers: 5 } },
  });
  const related = (await (await fetch(`${base}/api/stories/${first}/related?limit=2`)).json()) as {
    related: RelatedStory[];
  };
  expect(related.related).toHaveLength(2);
  expect(related.related[0]?.reason.text).toMatch(/reports the same event/);

  expect((await fetch(`${base}/api/editions/nothing`)).status).toBe(404);
  expect((await fetch(`${base}/api/stories/99999/related`)).status).toBe(404);
  expect((await fetch(`${base}/api/stories/${first}/related?limit=many`)).status).toBe(400);
});
