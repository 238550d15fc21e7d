// A process of its own: when it is told to, takes from a limit so many times at once, and tells how often it was allowed.
import { once } from 'node:events';
import { loadConfig } from '../../src/config.ts';
import { connectTo } from '../../src/db/connect.ts';
import { createLinkSigner } from '../../src/links.ts';
import { limits } from '../../src/web/abuse/guard.ts';
import { takeFromLimits } from '../../src/web/abuse/limits.ts';

const config = loadConfig();
const database = connectTo({ connectionString: config.databaseUrl }, 4);
const context = { db: database.db, clock: { now: () => new Date() } };
const signer = createLinkSigner(config.secret ?? '');
await database.pool.query('select 1');
const go = once(process, 'message');
process.send?.('ready');
await go;
const calls = Array.from({ length: Number(process.argv[2]) }, () =>
  takeFromLimits(context, signer, [{ limit: limits.signUps, of: '203.0.113.7' }]),
);
const allowed = (await Promise.all(calls)).filter((each) => each.allowed).length;
await database.close();
process.send?.(allowed);
process.disconnect?.();
