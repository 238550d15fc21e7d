import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { ensureEdition } from '../../src/editions/editions.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';
import { broadsheet } from './run.ts';

const folder = temporaryFolder('selection');

const slots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 2 },
];

/** One edition of yesterday, sent to three readers, of whom two clicked the lead. */
async function sentEdition(context: TestContext) {
  const ids = await seedStories(context, fiveEvents);
  await sql`update stories set first_seen_at = published_at where id = any(${ids}::bigint[])`.execute(
    context.db,
  );
  const { listId, subscriberIds } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId], {
    mode: 'automatic',
    policy: { slots, exploration: 0 },
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await produceEdition(context, edition.id);
  await planDeliveries(context, edition.id);
  await sql`update deliveries set state = 'accepted', stories = '{0,1,2}' where edition_id = ${edition.id}`.execute(
    context.db,
  );
  await sql`update editions set state = 'sent' where id = ${edition.id}`.execute(context.db);
  await recordEngagement(
    context,
    subscriberIds.slice(0, 2).map((subscriberId) => ({
      editionId: edition.id,
      subscriberId,
      kind: 'click',
      position: 0,
      at: context.clock.now(),
    })),
  );
  return { editionId: edition.id, subscriberIds };
}

const yesterday = () => new Date(Date.now() - 24 * 3_600_000).toISOString();

test('a replay stands side by side in 100 columns, with its clicks; the same as JSON', async () => {
  const context = await createTestContext({}, yesterday());
  const { editionId } = await sentEdition(context);
  const file = join(folder, 'culture.json');
  writeFileSync(
    file,
    JSON.stringify({
      slots,
      rules: [
        { action: 'boost', topic: 'nature', factor: 10, because: 'our subject' },
        { action: 'bury', topic: 'science', factor: 0.1, because: 'not ours' },
      ],
    }),
  );
  const replay = (...more: string[]) =>
    broadsheet(context, 'selection', 'replay', 'harbour-post', '--policy', file, ...more);
  const { code, out, err } = await replay('--since', '2d');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(
    new RegExp(`^Edition ${editionId}, 2\\S+ \\S+ UTC: 2 kept \\([12] moved\\), 1 added, 1 dropped\n`),
  );
  expect(out).toMatch(/\n {2}1 {3}Storm Odile .*… \(to 2\) {2}\+ Rare orange lynx seen near Lake Ostrava\n/);
  expect(out).toMatch(/\n {2}2 .{50}Storm Odile .*… \(from 1\)\n/);
  expect(out).toMatch(/\n {2}[23] - Quantum clock of the Tessaly .*… {4}/);
  expect(out).toMatch(
    /\nClicks kept: \d of \d, \d+ %\.\n\d+ % of what readers would look at, nobody was shown/,
  );
  // All three readers got the same.
  expect(out).toMatch(/how much a place does is assumed,\nnot measured/);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);

  const json = JSON.parse((await replay('--json')).out);
  expect(json).toMatchObject({
    newsletter: 'harbour-post',
    total: { places: 3, kept: 2, added: 1, dropped: 1 },
    editions: [{ edition: editionId, readers: 3, kept: 2 }],
    clicks: { kept: { low: null, high: null } },
  });
}, 120_000);

test('a replay without a policy takes the newsletter’s own; what cannot be replayed is refused with a sentence', async () => {
  const context = await createTestContext({}, yesterday());
  await sentEdition(context);
  const own = await broadsheet(context, 'selection', 'replay', 'harbour-post');
  expect(own.out).toMatch(
    /1 edition, 3 places: 3 kept \(0 moved\), 0 added, 0 dropped\.\nClicks kept: .*, 100 %\./,
  );

  const file = join(folder, 'wrong.json');
  writeFileSync(file, '{\n  "windowHours": 24,\n  "weights": {"fame": 1}\n}');
  const wrong = await broadsheet(context, 'selection', 'replay', 'harbour-post', '--policy', file);
  expect(wrong.code).toBe(1);
  expect(wrong.err).toMatch(/wrong\.json is wrong:\n {2}line 3, weights\.fame: /);
  const late = await broadsheet(context, 'selection', 'replay', 'harbour-post', '--since', '1h');
  expect(late).toMatchObject({ code: 1, out: '' });
  expect(late.err).toMatch(/"harbour-post" has sent no edition since .*\n.*earlier --since/);
  const when = await broadsheet(context, 'selection', 'replay', 'harbour-post', '--since', 'lately');
  expect(when.err).toMatch(/--since takes a date/);
}, 120_000);

test('a reader’s digest is explained by their wishes, in words and numbers', async () => {
  const context = await createTestContext({}, yesterday());
  const { editionId, subscriberIds } = await sentEdition(context);
  await sql`
    update subscriptions set topics = '{nature}', muted_topics = '{science}', muted_sources = '{"City Desk"}'
    where subscriber_id = ${subscriberIds[0]}`.execute(context.db);
  const explain = (address: string, ...more: string[]) =>
    broadsheet(context, 'selection', 'explain', String(editionId), '--reader', address, ...more);
  const { out, code } = await explain('reader1@example.com');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^What reader1@example\.com gets of edition \d+:\n {3}chosen topics: nature\n {3}muted topics: science\n {3}muted sources: City Desk\n/,
  );
  expect(out).toMatch(
    /Rare orange lynx.*\n {3}\w+\. moved up: they chose nature\.\n {3}place in the edition \d, value [\d.]+, interest 0\n/,
  );
  expect(out).not.toMatch(/Tessaly/);
  const json = JSON.parse((await explain('reader1@example.com', '--json')).out);
  expect(json).toMatchObject({
    edition: editionId,
    reader: 'reader1@example.com',
    wishes: { topics: ['nature'] },
  });
  expect(json.stories).toHaveLength(3);
  const nobody = await explain('nobody@example.com');
  expect(nobody.code).toBe(1);
  expect(nobody.err).toMatch(/nobody@example\.com/);
}, 120_000);
