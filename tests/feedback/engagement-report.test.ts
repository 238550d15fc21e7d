import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { engagementLines, engagementReport } from '../../src/feedback/engagement-report.ts';
import { broadsheet } from '../cli/run.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

async function accepted(tracking: object) {
  const context = await createTestContext({ embeddings: false });
  const { listId, subscriberIds } = await seedList(context, 40);
  const newsletter = await seedNewsletter(context, [listId], { tracking: { ...tracking } });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  await context.db.updateTable('deliveries').set({ state: 'accepted' }).execute();
  return { context, editionId, subscriberIds };
}

test('an edition’s report gives rates of persons, and beside them what programs did', async () => {
  const { context, editionId, subscriberIds } = await accepted({ opens: true });
  const event = (reader: number, more: object) => ({
    editionId,
    subscriberId: subscriberIds[reader] as number,
    kind: 'click' as const,
    at: context.clock.now(),
    ...more,
  });
  await recordEngagement(context, [
    event(0, { position: 0 }),
    event(0, { position: 0 }),
    event(1, { position: 3 }),
    // A reader who is clicked for, and clicks later too, is one reader.
    event(1, { position: 4, at: new Date(context.clock.now().getTime() + 60_000) }),
    event(2, { position: 1, source: 'scanner' }),
    event(3, { kind: 'open' }),
    ...Array.from({ length: 30 }, (_, at) => event(4 + at, { kind: 'open', source: 'prefetch' })),
  ]);
  const report = await engagementReport(context, editionId);
  expect(report).toEqual({
    privacy: 'individual',
    opens: { readers: 1, rate: 1 / 40, times: 1, unnamed: 0, prefetched: 30, scanned: 0 },
    clicks: { readers: 2, rate: 2 / 40, times: 4, unnamed: 0, prefetched: 0, scanned: 1 },
  });
  const { out } = await broadsheet(context, 'editions', 'report', String(editionId));
  expect(out).toContain('  opened: by 1 reader (2.5 % of accepted), once; not counted: 30 loaded ahead\n');
  expect(out).toContain('  clicked: by 2 readers (5.0 % of accepted), 4 times; not counted: 1 by scanners\n');
});

test('of a newsletter that counts in aggregate, the report says how often, and no rate of readers', async () => {
  const { context, editionId } = await accepted({ privacy: 'aggregate' });
  const click = { editionId, kind: 'click' as const, position: 0, at: context.clock.now() };
  await recordEngagement(context, [click, click, { ...click, source: 'scanner' }]);
  const report = await engagementReport(context, editionId);
  expect(report.clicks).toEqual({ readers: 0, rate: null, times: 2, unnamed: 2, prefetched: 0, scanned: 1 });
  expect(engagementLines(report)).toEqual([
    '  clicked: 2 times by readers who are not told apart; not counted: 1 by scanners',
  ]);
});

test('a newsletter’s privacy is one of its settings, beside what it counts', async () => {
  const { context } = await accepted({ opens: true });
  const edit = await broadsheet(
    context,
    'newsletters',
    'edit',
    'harbour-post',
    '--privacy',
    'aggregate',
    '--json',
  );
  expect(JSON.parse(edit.out).tracking).toMatchObject({ privacy: 'aggregate', clicks: true, opens: true });
  const wrong = await broadsheet(context, 'newsletters', 'edit', 'harbour-post', '--privacy', 'none');
  expect(wrong.code).not.toBe(0);
  expect(wrong.err).toContain('off, aggregate, individual');
});

test('where nothing was counted, the report says nothing of it', async () => {
  const { context, editionId } = await accepted({ privacy: 'off' });
  const report = await engagementReport(context, editionId);
  expect(report.privacy).toBe('off');
  expect(engagementLines(report)).toEqual([]);
});
