import { createProgram } from '../../src/cli/program.ts';
import type { Asking } from '../../src/cli/terminal.ts';

/** Runs a command of the program in this process, which has loaded it already: a hundred take as long as ten processes. */
export async function inProcess(
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return inProcessAt({}, environment, ...args);
}

/** As `inProcess`, with another terminal on which questions are asked. */
export async function inProcessAt(
  asking: Asking,
  environment: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const { stdout, stderr } = process;
  const [writeOut, writeErr] = [stdout.write, stderr.write];
  const before = { ...process.env };
  const exitCode = process.exitCode;
  const collect = (into: keyof typeof said) => (text: string | Uint8Array) => {
    said[into] += typeof text === 'string' ? text : Buffer.from(text).toString();
    return true;
  };
  Object.assign(process.env, { NO_COLOR: '1' }, environment);
  process.exitCode = undefined;
  try {
    const program = await createProgram([args.find((word) => !word.startsWith('-')) ?? ''], { asking });
    stdout.write = collect('out');
    stderr.write = collect('err');
    await program.parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    Object.assign(stdout, { write: writeOut });
    Object.assign(stderr, { write: writeErr });
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    process.exitCode = exitCode;
  }
}
