import { runCommand } from '../support/command.ts';
import type { TestContext } from '../support/context.ts';

/** Runs a command over the test's database, as a person would type it. */
export function broadsheet(
  context: TestContext,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return runCommand(context.environment, args);
}
