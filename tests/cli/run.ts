import { spawn } from 'node:child_process';
import { packageRoot } from '../../src/package-root.ts';
import type { TestContext } from '../support/context.ts';
import { program } from '../support/program.ts';

/** Runs the program as a person would, in a process of its own over the test's database. */
export async function broadsheet(
  context: TestContext,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...context.environment },
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
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? -1));
  });
  return { code, out, err };
}
