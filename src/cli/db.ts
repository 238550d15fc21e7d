import type { Command } from 'commander';
import { migrate, migrationStatus, rollback } from '../db/migrate.ts';
import { UserError } from '../errors.ts';
import { withContext } from './command.ts';

/** `broadsheet db`: the schema of the database. */
export function register(program: Command): void {
  const group = program.command('db').description('look after the database');

  group
    .command('migrate')
    .description('bring the schema up to date (every other command does so by itself)')
    .action((_options, command: Command) =>
      withContext(
        command,
        async ({ db }, output) => {
          const names = await migrate(db);
          output.text(names.length > 0 ? `Migrated: ${names.join(', ')}.` : 'The schema is up to date.');
          output.result({ migrated: names });
        },
        { migrate: false },
      ),
    );

  group
    .command('status')
    .description('list the migrations and when each was run')
    .action((_options, command: Command) =>
      withContext(
        command,
        async ({ db }, output) => {
          const migrations = await migrationStatus(db);
          output.table(
            migrations.map(({ name, executedAt }) => ({ migration: name, run: executedAt ?? 'not yet' })),
            'There are no migrations.',
          );
          output.result(migrations.map(({ name, executedAt }) => ({ name, executedAt: executedAt ?? null })));
        },
        { migrate: false },
      ),
    );

  group
    .command('rollback')
    .description('undo the newest migration, with the data in its tables; for development')
    .option('--yes', 'yes, lose the data')
    .action((options: { yes?: boolean }, command: Command) =>
      withContext(
        command,
        async ({ db }, output) => {
          if (!options.yes)
            throw new UserError('Undoing a migration loses the data in its tables.', {
              code: 'usage',
              hint: 'If that is what you want, add --yes.',
            });
          const name = await rollback(db);
          output.text(name ? `Undone: ${name}.` : 'There is no migration to undo.');
          output.result({ undone: name ?? null });
        },
        { migrate: false },
      ),
    );
}
