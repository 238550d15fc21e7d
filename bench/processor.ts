import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { BenchContext } from './database.ts';

// What Linux counts processor time in, whatever the kernel ticks at.
const ticksASecond = 100;

/** Processor time used so far, in seconds. On a machine with other work it tells what something costs, where a clock tells of the others. */
export interface ProcessorTime {
  /** By this process. */
  ours: number;
  /** By a database server, with all its processes. */
  postgres: number;
}

/** Tells processor time from now on. Only on Linux, where the server runs on this machine. */
export async function processorClock({ db }: Pick<BenchContext, 'db'>): Promise<() => ProcessorTime> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const postmaster = statOf(rows[0]?.pid ?? 0).parent;
  return () => {
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').split(' ');
    const server = statOf(postmaster);
    return {
      ours: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      // Processes that have ended are counted with their parent.
      postgres: children
        .filter(Boolean)
        .reduce((sum, pid) => sum + ownSeconds(pid), server.own + server.ofEnded),
    };
  };
}

/** Seconds that a process used; 0 if it has ended meanwhile. */
function ownSeconds(pid: string | number): number {
  try {
    return statOf(pid).own;
  } catch {
    return 0;
  }
}

function statOf(pid: string | number): { parent: number; own: number; ofEnded: number } {
  // The name, in parentheses, may hold anything.
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const seconds = (...at: number[]) => at.reduce((sum, each) => sum + Number(fields[each]), 0) / ticksASecond;
  return { parent: Number(fields[1]), own: seconds(11, 12), ofEnded: seconds(13, 14) };
}
