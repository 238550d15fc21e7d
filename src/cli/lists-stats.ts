import type { Command } from 'commander';
import type { ListStats } from '../subscribers/lists-stats.ts';
import { columnChart } from './chart.ts';
import { type Output, wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { listStats } = lazily(() => import('../subscribers/lists-stats.ts'));

/** `broadsheet lists stats`: how a list grows and what its people do. */
export function registerStats(group: Command): void {
  group
    .command('stats')
    .description('show how a list grew, where people came from, who left, opened and clicked, week by week')
    .argument('<list>', 'its short name or id')
    .option('--weeks <number>', 'how many weeks, this one included', wholeNumber('--weeks', 1), 12)
    .addHelpText(
      'after',
      helpText({
        text: 'Weeks go from Monday to Sunday by UTC. Openings and clicks are of persons, and of editions that began in that week.',
        json: '{ list, weeks: [{ week, size, joined, left, churn, editions, delivered, opened, clicked }], sources: [{ source, joined }] }',
        examples: ['lists stats weekly', 'lists stats weekly --weeks 52 --json'],
      }),
    )
    .action((slugOrId: string, options: { weeks: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const stats = await listStats(context, slugOrId, Math.min(options.weeks, 520));
        show(output, stats);
        output.result(stats);
      }),
    );
}

function show(output: Output, { list, weeks, sources }: ListStats): void {
  const number = (value: number) => value.toLocaleString('en');
  const share = (part: number, whole: number) => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '-');
  output.text(
    `${list.name} (${list.slug}): ${number(list.confirmed)} confirmed, ${number(list.pending)} pending, ${number(list.unsubscribed)} unsubscribed`,
    '',
    // A year of weeks fits a terminal of eighty columns in narrow columns.
    ...columnChart(
      weeks.map(({ size }) => size),
      { width: weeks.length <= 18 ? 4 : weeks.length <= 36 ? 2 : 1 },
    ),
    '',
  );
  output.table(
    weeks.map((week) => ({
      'week of': week.week,
      size: number(week.size),
      joined: number(week.joined),
      left: number(week.left),
      churn: week.churn === null ? '-' : `${(100 * week.churn).toFixed(1)} %`,
      editions: week.editions,
      delivered: number(week.delivered),
      opened: share(week.opened, week.delivered),
      clicked: share(week.clicked, week.delivered),
    })),
    '',
  );
  if (sources.length > 0) {
    const most = Math.max(...sources.map(({ joined }) => joined));
    output.text('', 'Who joined came by:');
    output.table(
      sources.map(({ source, joined }) => ({
        source,
        joined: number(joined),
        ' ': '█'.repeat(Math.max(1, Math.round((joined / most) * 30))),
      })),
      '',
    );
  }
}
