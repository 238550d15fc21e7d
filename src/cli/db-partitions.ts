import type { Command } from 'commander';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { partitionOverview } = lazily(() => import('../schedule/partition-overview.ts'));

/** `broadsheet db partitions`: the tables that editions have of their own. */
export function registerPartitions(group: Command): void {
  group
    .command('partitions')
    .description(
      'list the tables that each edition has of its own, with their sizes; a worker looks after them each night',
    )
    .addHelpText(
      'after',
      helpText({
        text: 'Rows are estimated. "goes" is the day from which the RETENTION_ settings let a table go; of engagement, once it is empty.',
        json: '[{ table, of, editionId, newsletter, scheduledFor, state, rows, bytes, goesAt }]; state is attached, detaching, detached or missing',
        examples: ['db partitions', 'db partitions --json'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const parts = await partitionOverview(context);
        output.table(
          parts.map(({ table, newsletter, scheduledFor, state, rows, bytes, goesAt }) => ({
            table,
            newsletter,
            edition: scheduledFor?.toISOString().slice(0, 16).replace('T', ' '),
            rows: rows ?? undefined,
            MB: (bytes / 1024 ** 2).toFixed(1),
            state,
            goes: goesAt?.toISOString().slice(0, 10) ?? 'never',
          })),
          'No edition has been planned yet.',
        );
        output.result(parts);
      }),
    );
}
