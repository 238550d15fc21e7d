import type { Config } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { migrationStatus } from '../db/migrate.ts';
import { day, type Finding, failed, ok, warning } from './finding.ts';

/** Major versions that get no corrections any more, with the year of their last (postgresql.org/support/versioning). */
const ended: Record<number, string> = {
  14: '2026-11-12',
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
};
const monthsAhead = 6;

/** Which server it is, and whether its schema is that of this program. @param database opened without migrating */
export async function checkDatabase(
  { db, pool }: Pick<Database, 'db' | 'pool'>,
  { databaseUrl, home }: Pick<Config, 'databaseUrl' | 'home'>,
  now: Date,
): Promise<Finding[]> {
  const { rows } = await pool.query<{
    version: string;
    number: number;
    name: string;
    bytes: number;
    standby: boolean;
    extensions: string[];
  }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            current_database() as name, pg_database_size(current_database()) as bytes, pg_is_in_recovery() as standby,
            array(select extname::text from pg_extension where extname <> 'plpgsql' order by 1) as extensions`,
  );
  const found = rows[0];
  if (!found) return [];
  const { version, number, name, bytes, standby, extensions } = found;
  const where = databaseUrl ? `database "${name}"` : `the embedded one in ${home}`;
  const says = `Postgres ${version.split(' ')[0]}, ${where}, ${Math.round(bytes / 1024 ** 2)} MB`;
  const end = ended[Math.floor(number / 10_000)];
  const pending = (await migrationStatus(db)).filter(({ executedAt }) => executedAt === undefined);
  return [
    standby
      ? failed(
          'database',
          `${says}, is a standby and takes no changes`,
          'Let DATABASE_URL name the primary, or a name that follows it.',
        )
      : end && new Date(end).getTime() - now.getTime() < monthsAhead * 30 * day
        ? warning(
            'database',
            `${says}; this version has no corrections after ${end}`,
            'Move to a newer one (pg_upgrade, or your provider’s way).',
          )
        : ok('database', says),
    ok(
      'extensions',
      extensions.length > 0
        ? `none is needed; there is ${extensions.join(', ')}`
        : 'none is needed, and there is none',
    ),
    pending.length === 0
      ? ok('schema', 'up to date')
      : warning(
          'schema',
          `still to be run: ${pending.length > 3 ? `${pending.length} migrations, from ${pending[0]?.name} on` : pending.map((each) => each.name).join(', ')}`,
          'The next command does so by itself, or run "broadsheet db migrate" now.',
        ),
  ];
}
