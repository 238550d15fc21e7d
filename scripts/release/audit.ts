import { UserError } from '../../src/errors.ts';
import { run } from './run.ts';

const command = ['npm', 'audit', '--omit', 'dev'];

/**
 * Asks the registry for known weaknesses of what is in a release.
 * @returns what it said, or that it did not answer
 * @throws UserError if it knows one that is high or critical
 */
export function audit(root: string): string {
  return verdictOf(run([...command, '--json'], { cwd: root }).printed);
}

/** What an answer of npm comes to; as `audit`. */
export function verdictOf(printed: string): string {
  const counts = countsIn(printed);
  if (!counts) return `the registry did not answer; run "${command.join(' ')}" where one does`;
  const { high = 0, critical = 0, total = 0 } = counts;
  if (high + critical > 0)
    throw new UserError(`npm audit knows ${high} high and ${critical} critical weaknesses of dependencies.`, {
      hint: `Look at them with "${command.join(' ')}", and update what has them.`,
    });
  return total === 0 ? 'no weakness is known' : `${total} known, none of them high`;
}

/** How many of each severity an answer names; undefined if it is no answer of a registry. */
function countsIn(printed: string): Record<string, number> | undefined {
  try {
    return JSON.parse(printed).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}
