import { sql } from 'kysely';
import { countAudience, planDeliveries } from '../src/delivery/plan.ts';
import { getEdition } from '../src/editions/editions.ts';
import { countReport } from '../src/feedback/edition-report.ts';
import { listSubscribers } from '../src/subscribers/find.ts';
import { createList } from '../src/subscribers/lists.ts';
import { listStats } from '../src/subscribers/lists-stats.ts';
import { countSegment } from '../src/subscribers/segments/count.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedSent } from './desk-seed.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { type Figures, type Meter, openMeter } from './grow-figures.ts';
import { measurePages } from './grow-pages.ts';
import { importFile, withFile } from './import.ts';
import type { RoundResult } from './send-round.ts';
import { runRound, startSink } from './send-setup.ts';

const sentBatches = 16;
const imported = 20_000;
const filter = 'clicked within 30d and topic in (sea, town)';
const connections = 16;

/**
 * An audience of so many, of whom all had one edition (a third opened it, a tenth clicked) and are having another: what is
 * done with it, and how long that takes.
 */
export async function growAudience(subscribers: number, say: (line: string) => void): Promise<Figures> {
  return withOwnDatabase(async (context) => {
    const newsletterId = await seedAudience(context, subscribers);
    const { sent } = await seedSent(context, newsletterId, subscribers);
    say(`${subscribers} subscribers: seeded`);
    const meter = await openMeter(context, say);
    const editionId = await seedEdition(context, newsletterId);
    const edition = await getEdition(context, editionId);
    await meter.often('audience counted', () => countAudience(context, edition));
    const planning = await meter.once(() => planDeliveries(context, editionId));
    meter.note('planned: µs a delivery', (planning * 1e6) / subscribers);
    await sendSome(context, meter, editionId, subscribers);
    await meter.often('the newest hundred subscribers', () => listSubscribers(context, { limit: 100 }));
    await meter.often('the newest of a list', () =>
      listSubscribers(context, { list: 'readers', limit: 100 }),
    );
    await meter.often('found by a part of the address', () =>
      listSubscribers(context, { search: `reader${Math.floor(subscribers / 2)}@`, limit: 100 }),
    );
    await meter.often('a segment counted', () => countSegment(context, filter));
    await meter.often('a hundred people of a segment', () =>
      listSubscribers(context, { segment: filter, limit: 100 }),
    );
    await meter.often('a report counted', () => countReport(context, sent));
    await meter.often('a list’s last half year', () => listStats(context, 'readers', 26));
    await measurePages(context, meter, {
      'desk: today': '/desk',
      'desk: editions': '/desk/editions',
      'desk: an edition on its way': `/desk/editions/${editionId}`,
      'desk: who gets it': `/desk/editions/${editionId}/send/who`,
      'desk: a report': `/desk/reports/editions/${sent}`,
      'desk: a newsletter': '/desk/newsletters/harbour-post',
    });
    await importMore(context, meter);
    const { rows } = await sql<{
      bytes: number;
    }>`select pg_database_size(current_database()) as bytes`.execute(context.db);
    meter.note('database, MB', (rows[0]?.bytes ?? 0) / 1e6);
    return meter.figures;
  });
}

/** Sends a part of a large edition, by a worker of its own. */
async function sendSome(
  context: BenchContext,
  meter: Meter,
  editionId: number,
  subscribers: number,
): Promise<void> {
  const { db } = context;
  // Alone: the edition that is on its way would have half of the worker.
  await sql`update editions set state = 'paused' where state = 'sending' and id <> ${editionId}`.execute(db);
  // The rest of it stays in the ledger, and is not due.
  await sql`
    update delivery_batches set due_at = null
    where edition_id = ${editionId} and batch >= ${sentBatches}::integer`.execute(db);
  const sink = await startSink();
  let result: RoundResult | undefined;
  try {
    const postgres = await meter.once(async () => {
      [result] = await runRound({
        ...{ who: 'ours', smtpUrl: sink.url, connections, plans: false },
        ...{ editionId, socketFolder: String(context.database.connection.host), home: context.config.home },
      });
    });
    const { rows } = await sql<{ sent: number }>`
      select count(*) as sent from deliveries where edition_id = ${editionId} and state = 'accepted'`.execute(
      db,
    );
    const sent = rows[0]?.sent ?? 0;
    if (sent < Math.min(subscribers, 1_000)) throw new Error(`Only ${sent} messages were sent.`);
    meter.note('sent: µs of the worker a message', ((result?.processorSeconds ?? 0) * 1e6) / sent);
    meter.note('sent: µs of Postgres a message', (postgres * 1e6) / sent);
  } finally {
    sink.stop();
  }
}

/** A file of new people, taken in beside those who are there. */
async function importMore(context: BenchContext, meter: Meter): Promise<void> {
  await createList(context, { slug: 'more', name: 'More' });
  await withFile(imported, async (file) => {
    const postgres = await meter.once(() => importFile(context, file, imported, 'more'));
    meter.note('imported: µs of Postgres a row', (postgres * 1e6) / imported);
  });
}
