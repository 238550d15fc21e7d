import type { Clock } from '../clock.ts';
import type { Database } from '../db/connect.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/** So far apart, schedules and leases of several machines begin to disagree (seconds). */
const noticeable = 2;
const harmful = 30;

/** Whether this machine's clock and the database's agree, within what asking takes. */
export async function checkClock(pool: Database['pool'], clock: Clock): Promise<Finding> {
  // The second time the connection is there, and the way is shorter.
  await pool.query('select 1');
  const before = clock.now().getTime();
  const { rows } = await pool.query<{ at: string }>('select extract(epoch from clock_timestamp()) as at');
  const after = clock.now().getTime();
  return compare("the database's", (Number(rows[0]?.at) * 1000 - (before + after) / 2) / 1000);
}

/** The same against what the server at the public address says. @param date to the second, as HTTP has it */
export function checkWebClock(date: Date, clock: Clock): Finding {
  // What is cut off is half a second on average, and the answer took a while: below two seconds nothing is meant.
  return compare("the public address's", (date.getTime() + 500 - clock.now().getTime()) / 1000);
}

function compare(whose: string, apart: number): Finding {
  const seconds = Math.abs(apart);
  const says = `${whose} is ${seconds.toFixed(seconds < 1 ? 3 : 1)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine's`;
  const mend = 'Let both machines take their time from NTP (timedatectl set-ntp true).';
  if (seconds > harmful) return failed('clock', says, mend);
  return seconds > noticeable ? warning('clock', says, mend) : ok('clock', says);
}
