import { sql } from 'kysely';
import { visibleNewsletters } from '../../access/roles.ts';
import type { User } from '../../access/users.ts';
import type { Context } from '../../context.ts';

/**
 * The zone in which somebody reads times that belong to no newsletter, such as a story's: the one of most newsletters that they see.
 * @returns an IANA name; UTC without newsletters
 */
export async function deskZone({ db }: Pick<Context, 'db'>, user: User): Promise<string> {
  const visible = visibleNewsletters(user);
  const row = await db
    .selectFrom('newsletters')
    .select('time_zone')
    .$if(visible !== undefined, (query) => query.where('id', '=', sql<number>`any(${visible}::bigint[])`))
    .groupBy('time_zone')
    .orderBy((e) => e.fn.countAll(), 'desc')
    .orderBy('time_zone')
    .limit(1)
    .executeTakeFirst();
  return row?.time_zone ?? 'UTC';
}

/** "Europe/Berlin" as people say it: what stands in brackets behind a time. */
export function zoneName(timeZone: string): string {
  // These have their signs the other way round: Etc/GMT+5 is five hours behind.
  const [, sign, hours] = /^Etc\/GMT([+-])(\d+)$/.exec(timeZone) ?? [];
  if (sign) return `UTC${sign === '+' ? '−' : '+'}${hours}`;
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ');
}
