import type { Command } from 'commander';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { prepareQueues } = lazily(() => import('../schedule/queues.ts'));
const { rolesSql } = lazily(() => import('../db/roles.ts'));

/** The part of `broadsheet db` that lets the program run as a role which owns nothing. */
export function registerRoles(group: Command): void {
  group
    .command('roles')
    .description('print SQL that makes a role for the program and one for reports, which own nothing')
    .option('--app <role>', 'as which serve, worker and commands run', 'broadsheet_app')
    .option('--reports <role>', 'as which reports and dashboards read', 'broadsheet_reports')
    .option('--apply', 'run the SQL as well')
    .addHelpText(
      'after',
      helpText({
        text: 'Run it as the owner of the tables, after "db migrate", and again after each upgrade or restore. It sets no passwords. See docs/security.md.',
        json: '{ sql, applied }',
        examples: ['db roles', 'db roles --apply', 'db roles --app news --reports grafana --apply'],
      }),
    )
    .action((options: { app: string; reports: string; apply?: boolean }, command: Command) =>
      withContext(command, async ({ database, db }, output) => {
        await prepareQueues(database.connection);
        const sql = await rolesSql({ db }, options);
        if (options.apply) await database.pool.query(sql);
        output.text(sql.trimEnd());
        output.result({ sql, applied: options.apply ?? false });
      }),
    );
}
