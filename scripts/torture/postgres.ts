import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contextOver } from '../../bench/database.ts';
import { seedAudience, seedEdition } from '../../bench/edition.ts';
import { connectTo, type Database } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { locate } from '../../src/db/embedded/locate.ts';
import { migrate } from '../../src/db/migrate.ts';

/** A Postgres for runs that may do anything to it. Each run has a database of its own, with an approved edition. */
export interface Postgres {
  home: string;
  socketFolder: string;
  /** A new database with so many readers. @returns how to get at it */
  database(name: string): Promise<Database>;
  drop(name: string): Promise<void>;
  /** A signal to the server itself: SIGKILL as the kernel's out-of-memory killer sends it, SIGINT as an admin's restart. */
  signal(signal: 'SIGKILL' | 'SIGINT'): void;
  /** Not a byte is left on its disk. Only if it has one of its own. */
  fillDisk(): void;
  freeDisk(): void;
  close(): Promise<void>;
}

const diskMegabytes = 400;
/** Every change of a delivery, with the moment at which its statement came in: what the checks go by. */
const journal = `
  create table torture_journal (
    id bigint generated always as identity primary key,
    subscriber_id bigint not null, was text not null, state text not null,
    was_worker uuid, worker uuid, detail text,
    at timestamptz not null default statement_timestamp());
  create function torture_note() returns trigger language plpgsql as $$
    begin
      insert into torture_journal (subscriber_id, was, state, was_worker, worker, detail)
      values (new.subscriber_id, old.state, new.state, old.worker, new.worker, new.detail);
      return null;
    end $$;
  create trigger torture_note after update on deliveries for each row
    when (old.state is distinct from new.state) execute function torture_note();`;

/** Whether this process may give a server a small disk of its own. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-torture-mount-'));
  try {
    mount(folder, 1);
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mount = (folder: string, megabytes: number) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });

/**
 * Starts a server. Without fsync: what is killed here are processes, and what they wrote the kernel keeps.
 * @param readers in the template
 * @param options.ownDisk puts it onto a small disk in memory, which can be filled
 */
export async function startPostgres(readers: number, { ownDisk }: { ownDisk: boolean }): Promise<Postgres> {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-torture-'));
  if (ownDisk) mount(home, diskMegabytes);
  // Run by root, the server is another user, who must reach its folder.
  chmodSync(home, 0o755);
  const settings = {
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '150',
    ...(ownDisk && { max_wal_size: '64MB', min_wal_size: '32MB', wal_recycle: 'off' }),
  };
  const lease = await joinEmbedded(home, settings);
  const to = (database: string, connections: number) =>
    connectTo({ host: lease.socketFolder, user: 'broadsheet', database }, connections);
  const template = to('broadsheet', 2);
  await migrate(template.db);
  const context = contextOver(template, home);
  await seedEdition(context, await seedAudience(context, readers));
  await template.pool.query(journal);
  await template.close();
  const admin = to('postgres', 1);
  const filler = join(home, 'filler');
  return {
    home,
    socketFolder: lease.socketFolder,
    async database(name) {
      await admin.pool.query(`create database ${name} template broadsheet`);
      return to(name, 6);
    },
    async drop(name) {
      await admin.pool.query(`drop database if exists ${name} with (force)`);
    },
    signal(signal) {
      try {
        process.kill(
          Number(readFileSync(join(locate(home).data, 'postmaster.pid'), 'utf8').split('\n')[0]),
          signal,
        );
      } catch {
        // It is down already.
      }
    },
    fillDisk() {
      const file = openSync(filler, 'a');
      for (let size = 1 << 20; size >= 1; size >>= 4)
        try {
          for (;;) writeSync(file, Buffer.alloc(size));
        } catch {
          // No room for so much; there may be for less.
        }
      closeSync(file);
    },
    freeDisk: () => rmSync(filler, { force: true }),
    async close() {
      await admin.close();
      await lease.release();
      if (ownDisk) execFileSync('umount', ['-l', home], { stdio: 'ignore' });
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
