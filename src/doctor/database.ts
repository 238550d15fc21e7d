import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/connect.ts';
import { migrationStatus } from '../db/migrate.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/** So far apart, schedules and leases of several machines begin to disagree (seconds). */
const noticeable = 2;
const harmful = 30;

/** Which server it is, and whether its schema is that of this program. @param database opened without migrating */
export async function checkDatabase(
  { db, pool }: Pick<Database, 'db' | 'pool'>,
  { databaseUrl, home }: Pick<Config, 'databaseUrl' | 'home'>,
): Promise<Finding[]> {
  const { rows } = await pool.query<{ version: string; name: string; bytes: number }>(
    `select current_setting('server_version') as version, current_database() as name,
            pg_database_size(current_database()) as bytes`,
  );
  const { version, name, bytes } = rows[0] ?? { version: '', name: '', bytes: 0 };
  const where = databaseUrl ? `database "${name}"` : `the embedded one in ${home}`;
  const pending = (await migrationStatus(db)).filter(({ executedAt }) => executedAt === undefined);
  return [
    ok('database', `Postgres ${version.split(' ')[0]}, ${where}, ${Math.round(bytes / 1024 ** 2)} MB`),
    pending.length === 0
      ? ok('schema', 'up to date')
      : warning(
          'schema',
          `${pending.map((each) => each.name).join(', ')} still to be run`,
          'The next command does so by itself, or run "broadsheet db migrate" now.',
        ),
  ];
}

/** Whether this machine's clock and the database's agree, within what asking takes. */
export async function checkClock(pool: Database['pool'], clock: Clock): Promise<Finding> {
  // The second time the connection is there, and the way is shorter.
  await pool.query('select 1');
  const before = clock.now().getTime();
  const { rows } = await pool.query<{ at: string }>('select extract(epoch from clock_timestamp()) as at');
  const after = clock.now().getTime();
  const apart = (Number(rows[0]?.at) * 1000 - (before + after) / 2) / 1000;
  const seconds = Math.abs(apart);
  const says = `the database's is ${seconds.toFixed(seconds < 1 ? 3 : 1)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine's`;
  const mend = 'Let both machines take their time from NTP (timedatectl set-ntp true).';
  if (seconds > harmful) return failed('clock', says, mend);
  return seconds > noticeable ? warning('clock', says, mend) : ok('clock', says);
}
