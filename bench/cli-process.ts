import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.ts';
import type { BenchContext } from './database.ts';

/** How a command went. */
export interface CommandRun {
  out: string;
  seconds: number;
  /** The most that was resident in its process, in megabytes; the TypeScript loader's share is some 30. */
  megabytes: number;
}

const lookEveryMs = 50;

/**
 * Runs a command of `broadsheet` in a process of its own, over a benchmark's database.
 * @throws Error if it ends with another exit code than 0
 */
export async function runCommand({ config, database }: BenchContext, ...args: string[]): Promise<CommandRun> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', 'tsx', join(packageRoot, 'src/cli/main.ts'), ...args], {
    cwd: packageRoot,
    env: {
      ...{ PATH: process.env.PATH, NO_COLOR: '1', BROADSHEET_HOME: config.home },
      DATABASE_URL: `postgres://broadsheet@${encodeURIComponent(String(database.connection.host))}/broadsheet`,
      BROADSHEET_SECRET: 'a-secret-for-benchmarks-that-is-long-enough',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = peakOf(child.pid) ?? peak;
  }, lookEveryMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`broadsheet ${args.slice(0, 2).join(' ')} ended with ${code}: ${err}`);
  } finally {
    clearInterval(timer);
  }
  return { out, seconds: (performance.now() - started) / 1000, megabytes: Math.round(peak) };
}

/** What Linux notes as the most that a process held; undefined elsewhere, and when it has ended. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}
