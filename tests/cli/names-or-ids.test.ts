import { expect, test, vi } from 'vitest';
import { createToken } from '../../src/access/tokens.ts';
import { createUser } from '../../src/access/users.ts';
import { isHidden } from '../../src/cli/completion/tree.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createRoute, findRoute } from '../../src/delivery/routes.ts';
import { createWebhook } from '../../src/notify/webhooks.ts';
import { findTopic, putTopics } from '../../src/selection/topics/taxonomy.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { createSegment } from '../../src/subscribers/segments/segments.ts';
import { suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { seedStories } from '../support/stories.ts';
import { inProcess } from './in-process.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What a thing of a group is called, beside its id. */
const names: Record<string, string> = {
  sources: 'name',
  stories: 'url',
  topics: 'slug',
  lists: 'slug',
  subscribers: 'email',
  segments: 'name',
  suppressions: 'email',
  newsletters: 'slug',
  editions: 'newsletter',
  routes: 'name',
  tokens: 'name',
  webhooks: 'name',
  users: 'email',
};
/** Groups whose things have no id: settings have names, a key its domain and selector. */
const withoutIds = ['dkim', 'config'];

/** Things that come cheap; two routes, so that an id is not the only one by chance. */
async function seedSettings(context: TestContext): Promise<void> {
  for (const name of ['spare', 'main']) await createRoute(context, name, { url: 'smtp://mail.example.com' });
  await putTopics(context, [{ slug: 'harbour', name: 'Harbour' }]);
  await createToken(context, { name: 'Shop', scopes: ['read'] });
  await createWebhook(context, {
    url: 'https://crm.example.com/hook',
    name: 'CRM',
    events: ['edition.sent'],
  });
}

async function seedAll(context: TestContext): Promise<void> {
  await seedSettings(context);
  await seedList(context, 1, 'other');
  const { listId } = await seedList(context, 1, 'readers');
  const { id } = await seedNewsletter(context, [listId]);
  await seedEdition(context, id);
  await seedStories(context, [{ title: 'The bridge hums again', publisher: 'Harbour Post' }]);
  await suppress(context, { address: parseAddress('stop@example.com'), reason: 'manual' });
  await createSegment(context, { name: 'engaged', filter: 'clicked within 30d' });
  await createUser(context, { email: 'mara@example.com', role: 'admin' });
  const folder = temporaryFolder('names');
  await inProcess(context.environment, 'sources', 'create', folder, '--name', 'Desk');
}

test('in each group a thing is found by its name and by its id', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  await seedAll(context);
  const json = async (...args: string[]) =>
    JSON.parse((await inProcess(context.environment, ...args, '--json')).out);
  const program = await createProgram();
  const seen: string[] = [];
  for (const group of program.commands.filter((each) => !isHidden(each))) {
    const has = (verb: string) => group.commands.some((command) => command.name() === verb);
    if (!has('list') || !has('show') || withoutIds.includes(group.name())) continue;
    const listed: Record<string, unknown>[] = await json(group.name(), 'list');
    const thing = listed.at(-1);
    const name = names[group.name()];
    expect(name, `say in this test what names a thing of "${group.name()}"`).toBeDefined();
    expect(Number.isInteger(thing?.id), group.name()).toBe(true);
    const byName = await json(group.name(), 'show', String(thing?.[name ?? '']));
    const byId = await json(group.name(), 'show', String(thing?.id));
    expect(byId, group.name()).toEqual(byName);
    seen.push(group.name());
  }
  expect(seen.toSorted()).toEqual(Object.keys(names).toSorted());
});

test('what is changed or removed by id is that thing, and a name of digits goes before an id', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  await seedSettings(context);
  const run = (...args: string[]) => inProcess(context.environment, ...args);
  const { id } = await findRoute(context, 'main');
  await run('routes', 'edit', String(id), '--per-second', '9');
  await run('routes', 'limit', 'google', '--route', String(id), '--connections', '2');
  expect(JSON.parse((await run('routes', 'show', 'main', '--json')).out)).toMatchObject({
    perSecond: 9,
    limits: [{ route: 'main', connections: 2 }],
  });
  await createRoute(context, String(id), { url: 'smtp://other.example.com' });
  expect((await findRoute(context, String(id))).url).toBe('smtp://other.example.com');
  await run('routes', 'remove', String(id), '--yes');
  expect((await findRoute(context, String(id))).name).toBe('main');

  const topic = await findTopic(context, 'harbour');
  await run('topics', 'edit', String(topic.id), '--name', 'Port');
  expect((await findTopic(context, 'harbour')).name).toBe('Port');
  expect((await run('topics', 'remove', String(topic.id), '--yes')).out).toContain('"harbour"');

  const edited = await run('webhooks', 'edit', 'CRM', '--events', 'subscriber.bounced', '--json');
  expect(JSON.parse(edited.out)).toMatchObject({ events: ['subscriber.bounced'], name: 'CRM' });
  await expect(run('webhooks', 'edit', 'CRM')).rejects.toMatchObject({ code: 'usage' });
  await createWebhook(context, { url: 'https://crm.example.com/2', name: 'CRM', events: ['edition.sent'] });
  await expect(run('webhooks', 'show', 'CRM')).rejects.toMatchObject({ hint: expect.stringMatching(/1, 2/) });

  const token = await run('tokens', 'edit', 'Shop', '--name', 'Till', '--expires', '30d', '--json');
  expect(JSON.parse(token.out)).toMatchObject({ name: 'Till', expiresAt: expect.any(String) });
  await run('tokens', 'remove', 'Till', '--yes');
  await expect(run('tokens', 'edit', '1', '--name', 'Shop')).rejects.toMatchObject({ code: 'state' });
});
