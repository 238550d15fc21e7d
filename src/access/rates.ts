import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** Counts a call. @returns how many it is within its minute */
export async function countCall({ db }: Pick<Context, 'db'>, caller: string, start: Date): Promise<number> {
  const { calls } = await db
    .insertInto('api_rates')
    .values({ caller, minute: start, calls: 1 })
    .onConflict((conflict) =>
      conflict.column('caller').doUpdateSet({
        // The clocks of several hosts differ a little: a minute that is over does not begin again.
        minute: sql`greatest(api_rates.minute, excluded.minute)`,
        calls: sql`case when api_rates.minute < excluded.minute then 1 else api_rates.calls + 1 end`,
      }),
    )
    .returning('calls')
    .executeTakeFirstOrThrow();
  return calls;
}
