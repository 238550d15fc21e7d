import type { Command } from 'commander';
import type { LeaveReason } from '../subscribers/leave-reasons.ts';
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
    .description(
      'show how a list grew, where people came from, who left and why, opened and clicked, week by week',
    )
    .argument('<list>', 'its short name or id')
    .option('--weeks <number>', 'how many weeks, this one included', wholeNumber('--weeks', 1), 12)
    .addHelpText(
      'after',
      helpText({
        text: 'Weeks go from Monday to Sunday by UTC. Openings and clicks are of persons, and of editions that began in that week.',
        json: '{ list, weeks: [{ week, size, joined, left, churn, editions, delivered, opened, clicked }], sources: [{ source, joined }],\n  leaveReasons: { "too-many", "not-relevant", "never-asked", other }, leaveComments: [{ at, reason, comment }] }',
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

function show(output: Output, { list, weeks, sources, leaveReasons, leaveComments }: ListStats): void {
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
  const engaged = weeks.filter(({ delivered }) => delivered > 0);
  if (engaged.length > 0) {
    output.text('', 'Opened or clicked in, of 100 that were delivered:');
    output.table(
      engaged.map((week) => ({
        'week of': week.week,
        opened: bar(week.opened / week.delivered),
        clicked: bar(week.clicked / week.delivered),
      })),
      '',
    );
  }
  if (sources.length > 0) {
    const most = Math.max(...sources.map(({ joined }) => joined));
    output.text('', 'Who joined came by:');
    output.table(
      sources.map(({ source, joined }) => ({ source, joined: number(joined), ' ': bar(joined / most) })),
      '',
    );
  }
  const reasons = Object.entries(leaveReasons).filter(([, people]) => people > 0);
  if (reasons.length > 0) {
    const most = Math.max(...reasons.map(([, people]) => people));
    output.text('', 'Who left and said why, ever:');
    output.table(
      reasons
        .toSorted(([, one], [, other]) => other - one)
        .map(([reason, people]) => ({
          reason: said[reason as LeaveReason],
          people: number(people),
          ' ': bar(people / most),
        })),
      '',
    );
  }
  if (leaveComments.length > 0)
    output.text(
      '',
      'What they wrote, the latest first:',
      ...leaveComments
        .slice(0, shownComments)
        .map(
          ({ at, comment }) => `  ${at?.toISOString().slice(0, 10) ?? ''}  ${comment.replace(/\s+/g, ' ')}`,
        ),
    );
}

const shownComments = 10;

const said: Record<LeaveReason, string> = {
  'too-many': 'too many mails',
  'not-relevant': 'not relevant to them',
  'never-asked': 'never asked for it',
  other: 'something else',
};

/** A bar of up to thirty characters; what is more than nothing has one at least. */
const bar = (share: number) => '█'.repeat(share > 0 ? Math.max(1, Math.round(share * 30)) : 0);
