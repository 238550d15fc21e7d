import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import { countPartitions, defaultPartitions, listPartitions, partitionLocks } from '../db/partitions.ts';
import { missingPartitions } from '../schedule/partition-overview.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/** So many cost each question about all editions tenths of a second, only for looking at the list of tables. */
const manyParts = 4_000;
const shown = 3;

/** Whether each edition has its tables, and nothing is left of taking old ones away. */
export async function checkPartitions(
  context: Pick<Context, 'db' | 'clock'> & { config: Pick<Config, 'retention'> },
): Promise<Finding[]> {
  const { db } = context;
  const [counts, missing, rests] = await Promise.all([
    countPartitions(db),
    missingPartitions(context),
    defaultPartitions(db),
  ]);
  const findings: Finding[] = [];
  const lost = missing.filter(({ of, isSending }) => of === 'deliveries' && isSending);
  if (lost.length > 0)
    findings.push(
      failed(
        'partitions',
        `${tables(lost)} ${isOrAre(lost)} not there, and the editions are being sent: nobody knows who had them`,
        'Restore a backup (docs/backup.md), or cancel these editions.',
      ),
    );
  const gone = missing.filter((each) => !lost.includes(each));
  if (gone.length > 0)
    findings.push(
      warning(
        'partitions',
        `${tables(gone)} ${isOrAre(gone)} not there`,
        gone.some(({ of }) => of === 'engagement')
          ? 'What readers do with these editions is not counted until a worker makes the tables, in the next night. What was in them is in a backup, if anywhere.'
          : 'Who had these editions is in a backup, if anywhere (docs/backup.md).',
      ),
    );
  const left = counts.some(({ state }) => state !== 'attached')
    ? (await listPartitions(db)).filter(({ state }) => state !== 'attached')
    : [];
  if (left.length > 0)
    findings.push(
      warning(
        'partitions',
        `${tables(left)} ${isOrAre(left)} not part of ${left.length === 1 ? 'its' : 'their'} table (any more)`,
        'A worker goes on with it in the next night, if long transactions let it (see transactions). What a person detached stays: attach it again, or drop it.',
      ),
    );
  for (const { table, of } of rests)
    findings.push(
      warning(
        'partitions',
        `${table} is a default partition of ${of}, so old editions cannot be taken away without locking all`,
        `Empty it into the editions' own tables, then: alter table ${of} detach partition ${table}`,
      ),
    );
  const count = counts.reduce((sum, each) => sum + each.count, 0);
  if (count > manyParts)
    findings.push(
      warning(
        'partitions',
        `there are ${count.toLocaleString('en')}, which costs what asks about all editions`,
        'Let old ones go sooner: RETENTION_LEDGER_MONTHS, RETENTION_ENGAGEMENT_MONTHS (docs/privacy.md).',
      ),
    );
  findings.push(...lockFindings(await partitionLocks(db)));
  if (findings.length > 0) return findings;
  return [ok('partitions', count === 0 ? 'there are none yet' : `${count}, each in its place`)];
}

/** Whether two questions about all editions at once, beside all else, find room among a server's locks. */
export function lockFindings({ needed, room }: { needed: number; room: number }): Finding[] {
  if (needed * 3 <= room) return [];
  return [
    warning(
      'partitions',
      `what asks about all editions takes ${needed.toLocaleString('en')} locks, and the server has ${room.toLocaleString('en')} for all together: such questions may fail with "out of shared memory"`,
      `Raise max_locks_per_transaction ${Math.ceil((needed * 6) / room)} times or more, and restart Postgres; or let old editions go sooner: RETENTION_LEDGER_MONTHS, RETENTION_ENGAGEMENT_MONTHS (docs/scale.md).`,
    ),
  ];
}

const isOrAre = (parts: unknown[]) => (parts.length === 1 ? 'is' : 'are');

function tables(parts: { of: string; editionId: number }[]): string {
  const names = parts.slice(0, shown).map(({ of, editionId }) => `${of}_e${editionId}`);
  const more = parts.length - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(' and ');
}
