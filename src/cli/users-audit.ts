import type { Command } from 'commander';
import { wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { sinceWhen } from './values.ts';

const { listActs } = lazily(() => import('../access/audit.ts'));
const { findNewsletter } = lazily(() => import('../editions/newsletters.ts'));

interface AuditOptions {
  user?: string;
  act?: string;
  newsletter?: string;
  edition?: number;
  since?: string;
  limit: number;
  cursor?: string;
}

/** `broadsheet users audit`: what was done at the desk. */
export function registerAudit(group: Command): void {
  group
    .command('audit')
    .description('show what was done at the desk, the newest first')
    .option('--user <email>', 'by whom')
    .option('--act <act>', 'what: an act such as login.failed, or all of a group, such as login')
    .option('--newsletter <newsletter>', 'to which newsletter')
    .option('--edition <id>', 'to which edition', wholeNumber('--edition', 1))
    .option('--since <time>', 'from when on: a date, or how long ago (12h, 2d)')
    .option('--limit <n>', 'how many at the most', wholeNumber('--limit', 1), 50)
    .option('--cursor <cursor>', '"next" of the page before')
    .addHelpText(
      'after',
      helpText({
        text: 'The log only grows: nothing in it can be changed or deleted. What the command line did names nobody.',
        json: '{ acts: [{ id, at, userId, userEmail, act, newsletterId, editionId, subject, details, ip }], next }',
        examples: [
          'users audit --act login.failed --since 2d',
          'users audit --user ada@example.com --json | jq ".acts[].act"',
        ],
      }),
    )
    .action((options: AuditOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { user, act, newsletter, edition, since, limit, cursor } = options;
        const found = await listActs(
          context,
          {
            ...{ userEmail: user, act, editionId: edition, limit },
            newsletterId:
              newsletter === undefined ? undefined : (await findNewsletter(context, newsletter)).id,
            since: since === undefined ? undefined : sinceWhen(since, context.clock.now()),
          },
          cursor,
        );
        output.table(
          found.acts.map((each) => ({
            at: each.at,
            who: each.userEmail,
            act: each.act,
            to: each.subject,
            edition: each.editionId,
            from: each.ip,
            details: JSON.stringify(each.details),
          })),
          'Nothing of that kind was done.',
        );
        if (found.next) output.text('', `There is more: add --cursor ${found.next}`);
        output.result(found);
      }),
    );
}
