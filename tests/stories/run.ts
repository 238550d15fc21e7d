import { runCommand } from '../support/command.ts';
import type { TestContext } from '../support/context.ts';

/** Runs a command on a test's database, as a person would type it. `json` is its output, if that is JSON. */
export async function run(
  context: TestContext,
  args: string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string; json: unknown }> {
  const { code, out, err } = await runCommand(context.environment, args, input);
  let json: unknown;
  try {
    json = JSON.parse(out);
  } catch {
    json = undefined;
  }
  return { code, stdout: out, stderr: err, json };
}
