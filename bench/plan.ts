import { planDeliveries } from '../src/delivery/plan.ts';
import { type BenchContext, memoryOf, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

/**
 * The deliveries of an edition planned (who consents, is not suppressed, and is due by their frequency; once each; in
 * batches), against a plain INSERT … SELECT of the same number of rows into a table of the same shape.
 */
export async function measurePlan({ rows = 200_000, rounds = 5, say }: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase((context) => measureOver(context, rows, rounds, say));
}

async function measureOver(
  context: BenchContext,
  rows: number,
  rounds: number,
  say: MeasureOptions['say'],
): Promise<Measurement> {
  const { pool } = context.database;
  const newsletterId = await seedAudience(context, rows);
  const memory = { peak: 0, growth: 0 };
  let serial = 0;
  const ours = async () => {
    const editionId = await seedEdition(context, newsletterId);
    const seconds = await secondsOf(async () => {
      const used = await memoryOf(async () => {
        const plan = await planDeliveries(context, editionId);
        if (plan?.recipients !== rows) throw new Error(`${plan?.recipients} of ${rows} were planned.`);
      });
      memory.peak = Math.max(memory.peak, used.peak);
      memory.growth = Math.max(memory.growth, used.growth);
    });
    say(`ours: ${Math.round(rows / seconds)} rows a second`);
    return rows / seconds;
  };
  const reference = async () => {
    const table = `reference_deliveries_${++serial}`;
    await pool.query(`create table ${table} (like deliveries including all)`);
    const seconds = await secondsOf(() =>
      pool.query(
        `insert into ${table} (edition_id, subscriber_id) select ${serial}, id from subscribers order by id`,
      ),
    );
    await pool.query(`drop table ${table}`);
    say(`INSERT … SELECT: ${Math.round(rows / seconds)} rows a second`);
    return rows / seconds;
  };
  const [oursRate = 0, referenceRate = 0] = await byTurns(rounds, ours, reference);
  return {
    name: 'plan',
    ours: rounded(oursRate),
    oursUnit: 'deliveries a second',
    reference: rounded(referenceRate),
    referenceUnit: 'rows a second, plain INSERT … SELECT',
    ratio: rounded(oursRate / referenceRate),
    residentMegabytes: memory.peak,
    residentGrowthMegabytes: memory.growth,
    rows,
    rounds,
  };
}
