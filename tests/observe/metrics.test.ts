import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { packageRoot } from '../../src/package-root.ts';
import { startMetrics } from '../../src/web/metrics-server.ts';
import { startSite } from '../../src/web/site.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

const freePort = 0;

async function site(settings: Parameters<typeof createTestContext>[0] = {}) {
  const context = await createTestContext(settings);
  const started = await startSite(context, { host: '127.0.0.1', port: freePort });
  onTestFinished(() => started.close());
  const metrics = async (headers: Record<string, string> = {}) =>
    (await fetch(`${started.url}/metrics`, { headers })).text();
  return { context, url: started.url, metrics };
}

/** The value of a sample, whatever the order of its labels; undefined: there is none. */
function sample(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const line = text
    .split('\n')
    .find(
      (each) =>
        (each.startsWith(`${name} `) || each.startsWith(`${name}{`)) &&
        Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
    );
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

test('metrics tell requests by the pattern of their route, and what the database says of editions and sources', async () => {
  const { context, url, metrics } = await site();
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  await seedEdition(context, newsletter.id);
  context.clock.advance(20 * 60_000);
  const paused = await seedNewsletter(context, [listId], { slug: 'paused-post' });
  const other = await seedEdition(context, paused.id, undefined, new Date(context.clock.now().getTime() - 1));
  await context.database.pool.query('update newsletters set paused = true where id = $1', [paused.id]);
  await context.database.pool.query("update editions set state = 'draft' where id = $1", [other]);
  const sent = await seedEdition(
    context,
    newsletter.id,
    undefined,
    new Date(context.clock.now().getTime() - 2),
  );
  await context.database.pool.query("update editions set state = 'sent', sent_at = $2 where id = $1", [
    sent,
    context.clock.now(),
  ]);
  await context.db
    .insertInto('edition_figures')
    .values({
      ...{ edition_id: sent, accepted: 2000, bounced: 0, complaints: 3, unsubscribed: 0 },
      counted_at: context.clock.now(),
    })
    .execute();
  await context.db
    .insertInto('sources')
    .values({ kind: 'feed', name: 'A', publisher: 'A', url: 'https://a.example.com/', failures: 3 })
    .execute();
  const before =
    sample(await metrics(), 'broadsheet_http_requests_total', { route: '/view/:token', status: '404' }) ?? 0;
  expect((await fetch(`${url}/view/12-34-0123456789abcdef0123456789abcd`)).status).toBe(404);
  await fetch(`${url}/nothing/here`);
  const text = await metrics();
  expect(sample(text, 'broadsheet_http_requests_total', { route: '/view/:token', status: '404' })).toBe(
    before + 1,
  );
  expect(sample(text, 'broadsheet_http_requests_total', { route: 'none', status: '404' })).toBeGreaterThan(0);
  expect(text).not.toContain('nothing/here');
  expect(sample(text, 'broadsheet_editions', { state: 'approved' })).toBe(1);
  // That of the paused newsletter is not late.
  expect(sample(text, 'broadsheet_editions_late')).toBe(1);
  expect(sample(text, 'broadsheet_week_accepted')).toBe(2000);
  expect(sample(text, 'broadsheet_week_complaints')).toBe(3);
  expect(sample(text, 'broadsheet_sources', { state: 'failing' })).toBe(1);
  expect(sample(text, 'broadsheet_database_pool_connections', { state: 'open' })).toBeGreaterThan(0);
  expect(sample(text, 'broadsheet_database_up')).toBe(1);
});

test('what is sent is counted by state, route and newsletter', async () => {
  const smtp = await startSmtp({
    onRecipient: (address) =>
      address.startsWith('reader1@')
        ? refusal(550, '5.1.1 no such user')
        : address.startsWith('reader2@')
          ? refusal(451, 'later')
          : undefined,
  });
  const { context, metrics } = await site();
  const { listId } = await seedList(context, 6);
  const newsletter = await seedNewsletter(context, [listId], { slug: 'counted-post' });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url));
  const text = await metrics();
  const route = new URL(smtp.url).host;
  const of = (state: string) =>
    sample(text, 'broadsheet_deliveries_total', { state, route, newsletter: 'counted-post' });
  expect([of('accepted'), of('failed'), of('deferred')]).toEqual([4, 1, 1]);
  expect(sample(text, 'broadsheet_smtp_hand_over_seconds_count', { route })).toBe(6);
  expect(sample(text, 'broadsheet_sends_in_flight', { route })).toBe(0);
  expect(sample(text, 'broadsheet_route_up', { route })).toBe(1);
});

test('with METRICS_TOKEN metrics are for whoever brings it, without for this machine alone', async () => {
  const guarded = await site({ metricsToken: 'a-token-for-metrics' });
  const status = async (url: string, headers: Record<string, string>) =>
    (await fetch(`${url}/metrics`, { headers })).status;
  expect(await status(guarded.url, {})).toBe(401);
  expect(await status(guarded.url, { authorization: 'Bearer a-token-for-metricz' })).toBe(401);
  expect(await status(guarded.url, { authorization: 'Bearer a-token-for-metrics' })).toBe(200);
  const open = await site();
  expect(await status(open.url, {})).toBe(200);
  expect(await status(open.url, { 'x-forwarded-for': '203.0.113.7' })).toBe(401);
});

test('a worker serves metrics and health at a port of its own', async () => {
  const context = await createTestContext({ metricsAt: { host: '127.0.0.1', port: freePort } });
  const server = await startMetrics(context);
  onTestFinished(() => server?.close());
  expect(await (await fetch(`${server?.url}/health/ready`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`${server?.url}/metrics`)).text()).toContain('broadsheet_database_up 1');
  expect(await startMetrics(await createTestContext())).toBeUndefined();
});

test('the table of docs/observing.md has exactly the metrics that are served', async () => {
  const { metrics } = await site();
  const served = [...(await metrics()).matchAll(/^# TYPE (broadsheet_\w+)/gm)].map(([, name]) => name);
  const docs = readFileSync(join(packageRoot, 'docs/observing.md'), 'utf8');
  const told = [...docs.matchAll(/^\| `(broadsheet_\w+)`/gm)].map(([, name]) => name);
  expect(told.toSorted()).toEqual(served.toSorted());
});
