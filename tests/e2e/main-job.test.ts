import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { deliveryReport } from '../../src/delivery/report.ts';
import { ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { packageRoot } from '../../src/package-root.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { addSource, fetchDueSources } from '../../src/stories/sources.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { rss, startHttp } from '../support/feeds.ts';
import { type Headline, hasRealHeadlines, headlines } from '../support/headlines.ts';
import { program } from '../support/program.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';

function startWorkerProcess(context: TestContext, smtpUrl: string): ChildProcess {
  const child = spawn(process.execPath, [...program, 'worker', '--send-only'], {
    cwd: packageRoot,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...context.environment,
      SMTP_URL: smtpUrl,
      SMTP_CONNECTIONS: '4',
      LEASE_SECONDS: '2',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function fetchHeadlines(context: TestContext, all: Headline[]): Promise<void> {
  const byPublisher = Map.groupBy(all, (headline) => headline.publisher);
  const publishers = [...byPublisher.keys()];
  const base = await startHttp((request, response) => {
    const publisher = publishers[Number(request.url?.slice(1))] ?? '';
    response.setHeader('Content-Type', 'application/rss+xml');
    response.end(rss(publisher, byPublisher.get(publisher) ?? []));
  });
  for (const [index, publisher] of publishers.entries())
    await addSource(context, `${base}/${index}`, { kind: 'feed', publisher, name: publisher });
  for (;;) {
    const outcomes = await fetchDueSources(context, { limit: 200, concurrency: 8 });
    if (outcomes.length === 0) return;
  }
}

test(`from ${hasRealHeadlines ? 'real headlines' : 'invented headlines (the real ones are not beside this checkout)'}, one feed a publisher, to 1,000 mailboxes with two workers, one of them killed`, async () => {
  const all = headlines();
  const context = await createTestContext();
  context.clock.set(new Date(Math.max(...all.map((headline) => headline.publishedAt.getTime())) + 60_000));
  await fetchHeadlines(context, all);

  const { listId } = await seedList(context, 1000);
  const newsletter = await seedNewsletter(context, [listId], {
    mode: 'automatic',
    policy: {
      windowHours: 744,
      slots: [
        { name: 'lead', count: 1 },
        { name: 'top', count: 9 },
      ],
    },
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  expect((await produceEdition(context, edition.id)).state).toBe('approved');

  const eventOf = new Map(all.map((headline) => [headline.title.trim(), headline.event]));
  const leads = (await storiesOf(context, edition.id)).slice(0, 10);
  expect(new Set(leads.map((story) => eventOf.get(story.title))).size).toBe(10);

  const smtp = await startSmtp({ delayMs: 5 });
  const workers = [startWorkerProcess(context, smtp.url), startWorkerProcess(context, smtp.url)];
  while (smtp.received.length < 300) await sleep(10);
  workers[0]?.kill('SIGKILL');
  for (let tries = 0; (await getEdition(context, edition.id)).state !== 'sent'; tries++) {
    if (tries > 300)
      throw new Error(`not sent: ${JSON.stringify(await deliveryReport(context, edition.id))}`);
    await sleep(200);
  }

  const report = await deliveryReport(context, edition.id);
  expect(report).toMatchObject({ planned: 1000, failed: 0, skipped: 0, deferred: 0, waiting: 0, sums: true });
  expect(report.accepted + report.uncertain).toBe(1000);
  expect(report.uncertain).toBeLessThanOrEqual(4);
  const uncertain = new Set(report.uncertainDeliveries.map((delivery) => delivery.email));
  const copies = smtp.copies();
  for (let reader = 1; reader <= 1000; reader++) {
    const email = `reader${reader}@example.com`;
    if (uncertain.has(email)) expect(copies.get(email) ?? 0).toBeLessThanOrEqual(1);
    else expect(copies.get(email)).toBe(1);
  }
}, 120_000);
