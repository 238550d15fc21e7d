import type { Command } from 'commander';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { registerBackup } from './db-backup.ts';
import { registerIdentity } from './db-identity.ts';
import { registerPartitions } from './db-partitions.ts';
import { registerRoles } from './db-roles.ts';
import { helpText } from './help.ts';
import { interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';

const { migrate, migrationStatus, rollback } = lazily(() => import('../db/migrate.ts'));
const { dropOldLedgers } = lazily(() => import('../delivery/old-ledgers.ts'));
const { prepareQueues } = lazily(() => import('../schedule/queues.ts'));
const { applyRetention } = lazily(() => import('../subscribers/retention.ts'));

/** `broadsheet db`: the schema of the database, its backups, and whose data they are. */
export function register(group: Command): void {
  group
    .command('migrate')
    .description('bring the schema up to date (every other command does so by itself)')
    .addHelpText('after', helpText({ json: '{ migrated: [name] }', examples: ['db migrate'] }))
    .action((_options, command: Command) =>
      withContext(
        command,
        async ({ db, database }, output) => {
          const names = await migrate(db);
          await prepareQueues(database.connection);
          output.text(names.length > 0 ? `Migrated: ${names.join(', ')}.` : 'The schema is up to date.');
          output.result({ migrated: names });
        },
        { migrate: false },
      ),
    );

  group
    .command('status')
    .description('list the migrations and when each was run')
    .addHelpText(
      'after',
      helpText({
        json: '[{ name, executedAt, known }]; executedAt is null where it was not run, known false where only a newer version knows it',
        examples: ['db status'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(
        command,
        async ({ db }, output) => {
          const migrations = await migrationStatus(db);
          output.table(
            migrations.map(({ name, executedAt, isKnown }) => ({
              migration: name,
              run: executedAt ?? 'not yet',
              ...(migrations.some((each) => !each.isKnown) && { by: isKnown ? '' : 'a newer version' }),
            })),
            'There are no migrations.',
          );
          output.result(
            migrations.map(({ name, executedAt, isKnown }) => ({
              name,
              executedAt: executedAt ?? null,
              known: isKnown,
            })),
          );
        },
        { migrate: false },
      ),
    );

  destructive(group.command('rollback'))
    .description('undo the newest migration, with the data in its tables; for development')
    .addHelpText(
      'after',
      helpText({
        json: '{ undone: name or null }',
        examples: ['db rollback --dry-run', 'db rollback --yes'],
      }),
    )
    .action((options: DestructiveOptions, command: Command) =>
      withContext(
        command,
        async ({ db }, output) => {
          const newest = (await migrationStatus(db)).findLast(({ executedAt }) => executedAt !== undefined);
          const isAgreed = await confirmDestructive(output, options, {
            what: newest
              ? `Undoing the migration ${newest.name} loses the data in its tables.`
              : 'There is no migration to undo.',
            plan: { migration: newest?.name ?? null },
          });
          if (!isAgreed) return;
          const name = await rollback(db);
          output.text(name ? `Undone: ${name}.` : 'There is no migration to undo.');
          output.result({ undone: name ?? null });
        },
        { migrate: false },
      ),
    );

  group
    .command('retention')
    .description(
      'take away what was kept for as long as the RETENTION_ settings say; a worker does so each night',
    )
    .option('--dry-run', 'only count what would go')
    .addHelpText(
      'after',
      helpText({
        json: '[{ rule, what, setting, before, rows }]; before is null for what is kept for ever',
        examples: ['db retention --dry-run', 'db retention'],
      }),
    )
    .action((options: { dryRun?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const { signal, end } = interruptible();
        const how = { ...options, stopping: signal };
        const results = await applyRetention(context, how)
          .then(async (done) => [...done, await dropOldLedgers(context, how)])
          .finally(end);
        output.table(
          results.map(({ setting, what, before, rows }) => ({
            setting,
            'from before': before?.toISOString().slice(0, 10) ?? 'kept for ever',
            [options.dryRun ? 'would go' : 'went']: rows,
            what,
          })),
          'There are no rules.',
        );
        output.result(results);
      }),
    );

  registerPartitions(group);
  registerBackup(group);
  registerIdentity(group);
  registerRoles(group);
}
