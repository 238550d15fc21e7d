import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { printProblems } from './stories.ts';

const { exportOpml, importOpml } = lazily(() => import('../stories/sources.ts'));

/** `broadsheet sources import` and `export`: the list of sources as OPML. */
export function registerFiles(group: Command): void {
  group
    .command('import <file>')
    .description('add the sources of an OPML file (- reads standard input)')
    .addHelpText(
      'after',
      helpText({
        json: '{ added: [source], existing: [url], problems: [{ where, reason }] }',
        examples: ['sources import feeds.opml', 'sources import - < feeds.opml'],
      }),
    )
    .action((file: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const result = await importOpml(context, await readText(file));
        output.text(
          `${result.added.length} added, ${result.existing.length} already there${
            result.problems.length > 0 ? `, ${result.problems.length} left out:` : '.'
          }`,
        );
        printProblems(output, result);
        output.result(result);
      }),
    );

  group
    .command('export')
    .description('print the sources as OPML')
    .addHelpText(
      'after',
      helpText({ json: '{ opml, count, left }', examples: ['sources export > feeds.opml'] }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const result = await exportOpml(context);
        output.text(result.opml.trimEnd());
        if (result.left.length > 0)
          process.stderr.write(`Left out, as only this machine has them: ${result.left.join(', ')}.\n`);
        output.result(result);
      }),
    );
}

async function readText(file: string): Promise<string> {
  const { decodeText } = await import('../stories/charset.ts');
  try {
    return decodeText(file === '-' ? await buffer(process.stdin) : readFileSync(file)).text;
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${messageOf(error)}.`, { code: 'no-file', cause: error });
  }
}
