import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './db/connect.ts';
import type { Log } from './log.ts';

/**
 * What a stage needs from the world: settings, the database, the time and a log.
 * Every function that does I/O takes it (or the part it needs) as its first argument.
 */
export interface Context {
  config: Config;
  db: Database['db'];
  clock: Clock;
  log: Log;
}
