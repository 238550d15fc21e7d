import { Hono } from 'hono';
import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { messageOf } from '../../errors.ts';

const databaseSeconds = 3;

/** `live`: the process answers. `ready`: it can do its work, which needs the database. */
export function health(context: Pick<Context, 'db' | 'log'>): Hono {
  const app = new Hono();
  app.get('/live', (c) => c.json({ status: 'ok' }));
  app.get('/ready', async (c) => {
    let timer: NodeJS.Timeout | undefined;
    const tooSlow = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the database does not answer')), databaseSeconds * 1_000);
    });
    try {
      await Promise.race([sql`select from settings limit 1`.execute(context.db), tooSlow]);
      return c.json({ status: 'ok' });
    } catch (error) {
      // What the database says may name hosts and users; that is for the log.
      context.log.warn({ error: messageOf(error) }, 'not ready: no database');
      return c.json({ status: 'unavailable', reason: 'The database does not answer.' }, 503);
    } finally {
      clearTimeout(timer);
    }
  });
  return app;
}
