import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../src/package-root.ts';
import type { TestContext } from '../support/context.ts';
import { program } from '../support/program.ts';

/** Runs the program as a person would, on a test's database. `json` is its output, if that is JSON. */
export async function run(
  context: TestContext,
  args: string[],
  input = '',
): Promise<{ code: number | null; stdout: string; stderr: string; json: unknown }> {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...context.environment },
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    json = undefined;
  }
  return { code, stdout, stderr, json };
}
