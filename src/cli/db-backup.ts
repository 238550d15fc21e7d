import type { Command } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';

const { alert } = lazily(() => import('../delivery/alert.ts'));
const { verifyFile, writeBackup } = lazily(() => import('../db/backup/file.ts'));
const { isEmpty } = lazily(() => import('../db/backup/server.ts'));
const { restoreBackup } = lazily(() => import('../db/backup/restore.ts'));
const { moveData } = lazily(() => import('../db/copy.ts'));

const plural = (count: number, what: string) =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
const sum = (rows: Record<string, number>) => Object.values(rows).reduce((total, count) => total + count, 0);

/** Runs what takes long with a line of progress; the first Ctrl-C ends it and says what that means. */
async function watched<T>(
  stopped: string,
  action: (how: { onProgress(rows: number): void; signal: AbortSignal }) => Promise<T>,
  total?: number,
): Promise<T> {
  const progress = startProgress('rows', total === undefined ? {} : { total });
  const { signal, end } = interruptible();
  try {
    return await action({ onProgress: (rows) => progress.update(rows), signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    throw new Interrupted(stopped);
  } finally {
    progress.end();
    end();
  }
}

/** The part of `broadsheet db` that takes backups, restores them and moves the data. */
export function registerBackup(group: Command): void {
  group
    .command('backup')
    .description(
      'write all data to a file: SQL with a checksum, compressed; nothing needs to be stopped for it',
    )
    .argument('[file]', 'such as monday.sql.gz; broadsheet-DATE-TIME.sql.gz if not given')
    .option('--alert', 'if it fails, tell ALERT_EMAIL and ALERT_WEBHOOK: for backups that nobody watches')
    .addHelpText(
      'after',
      helpText({
        text: 'It holds one moment’s state, and all addresses and secrets in the database: keep it where nobody else reads. What lies outside of the database (.env, themes of your own, an images bucket) is not in it. See docs/backup.md.',
        json: '{ file, tables, rows, bytes, sha256, left }; bytes before compression, left is what is not in it',
        examples: ['db backup', 'db backup /var/backups/monday.sql.gz --alert'],
      }),
    )
    .action((given: string | undefined, options: { alert?: boolean }, command: Command) =>
      withContext(
        command,
        async (context, output) => {
          const now = context.clock.now();
          const stamp = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
          const file = given ?? `broadsheet-${stamp}.sql.gz`;
          const written = await watched(`The backup was stopped; ${file} was not written.`, (how) =>
            writeBackup(context, file, { now, ...how }),
          ).catch(async (error: unknown) => {
            if (options.alert && !(error instanceof Interrupted))
              await alert(context, {
                title: 'The backup failed',
                what: messageOf(error),
                facts: [{ name: 'File', value: file }],
                todo: 'Make one by hand, and see that the next one works: broadsheet db backup.',
              });
            throw error;
          });
          const tables = Object.keys(written.rows).length;
          const rows = sum(written.rows);
          output.text(
            `Wrote ${plural(rows, 'row')} of ${plural(tables, 'table')} to ${file}.`,
            ...written.left.map((name) => `Not in it: ${name}, which is not Broadsheet’s.`),
          );
          output.result({
            file,
            tables,
            rows,
            bytes: written.bytes,
            sha256: written.sha256,
            left: written.left,
          });
        },
        { migrate: false },
      ),
    );

  destructive(group.command('restore <file>'))
    .description('put the data of a backup in place of what there is; they send nothing until "db adopt"')
    .option('--replace <database>', 'the database whose data go, by its name; needed where it is not empty')
    .option('--keep-former', 'leave the former data on the server, in a database of another name')
    .addHelpText(
      'after',
      helpText({
        text: 'The backup is read to its end first. It is restored into a new database, which takes the place of the former one when it is whole: if anything fails, the former data are as they were. Restore only files that you trust: what stands in them is run.',
        json: '{ database, tables, rows, former, held }; former is a name or null',
        examples: ['db restore monday.sql.gz', 'db restore monday.sql.gz --replace broadsheet --yes'],
      }),
    )
    .action(
      (
        file: string,
        options: DestructiveOptions & { replace?: string; keepFormer?: boolean },
        command: Command,
      ) =>
        withContext(
          command,
          async ({ database, clock }, output) => {
            const { readBackup } = await import('../db/backup/file.ts');
            const summary = await verifyFile(file);
            const { rows: here } = await database.pool.query<{ name: string }>(
              'select current_database() as name',
            );
            const name = here[0]?.name ?? '';
            if (!(await isEmpty(database))) {
              if (options.replace !== name)
                throw new UserError(
                  options.replace === undefined
                    ? `The database "${name}" is not empty.`
                    : `The database is called "${name}", not "${options.replace}".`,
                  {
                    code: 'usage',
                    hint: `To put the backup in its place: broadsheet db restore ${file} --replace ${name}`,
                  },
                );
              const isAgreed = await confirmDestructive(output, options, {
                what: `The data in "${name}" go, and those of the backup come (${summary.about}).`,
                effects: [`${plural(summary.rows, 'row')} of ${plural(summary.tables, 'table')} come`],
                instead: 'Take a backup of what there is first: broadsheet db backup',
                plan: { database: name, ...summary },
              });
              if (!isAgreed) return;
            } else if (options.dryRun) {
              await confirmDestructive(output, options, {
                what: `${plural(summary.rows, 'row')} come into the empty database "${name}".`,
                plan: { database: name, ...summary },
              });
              return;
            }
            const restored = await watched(
              'The restore was stopped; the data are as they were.',
              (how) =>
                restoreBackup(
                  database,
                  { clock },
                  {
                    open: () => readBackup(file),
                    summary,
                    keepFormer: options.keepFormer ?? false,
                    ...how,
                  },
                ),
              summary.rows,
            );
            const tables = Object.keys(restored.rows).length;
            output.text(
              `Restored ${plural(sum(restored.rows), 'row')} of ${plural(tables, 'table')} into "${restored.database}".`,
              restored.former
                ? `The former data are in the database "${restored.former}".`
                : 'The former data, if there were any, are gone.',
              'Sending is held, as these data may be in use elsewhere, or older than what was sent. When they shall send: broadsheet db adopt',
            );
            output.result({
              database: restored.database,
              tables,
              rows: sum(restored.rows),
              former: restored.former ?? null,
              held: true,
            });
          },
          { migrate: false, connections: 2 },
        ),
    );

  group
    .command('move')
    .description('move all data into an empty database of a Postgres of your own; sending moves with them')
    .requiredOption('--to <url>', 'such as postgres://broadsheet:secret@db.example.com/broadsheet')
    .addHelpText(
      'after',
      helpText({
        text: 'Stop "serve" and the workers first. Rows are counted on both sides. The data stay here as well, and are held: they send nothing any more. If anything fails, nothing has moved.',
        json: '{ to, tables, rows, sends }',
        examples: ['db move --to postgres://broadsheet:secret@db.example.com/broadsheet'],
      }),
    )
    .action((options: { to: string }, command: Command) =>
      withContext(
        command,
        async (context, output) => {
          if (!/^postgres(ql)?:\/\//.test(options.to) || !URL.canParse(options.to))
            throw new UserError(
              '--to takes a URL such as postgres://broadsheet:secret@db.example.com/broadsheet.',
              {
                code: 'usage',
              },
            );
          const moved = await watched('The move was stopped; nothing has moved.', (how) =>
            moveData(context.database, context, options.to, how),
          );
          const tables = Object.keys(moved.rows).length;
          output.text(
            `Moved ${plural(sum(moved.rows), 'row')} of ${plural(tables, 'table')} to ${moved.to}; the counts are the same.`,
            'Now let DATABASE_URL in .env (or the environment) be the URL that you gave, and start "broadsheet serve" again.',
            moved.sends
              ? 'What stayed here is held and sends nothing. Take it away when all is well.'
              : 'Sending was held here, and is held there: broadsheet db adopt',
          );
          output.result({ to: moved.to, tables, rows: sum(moved.rows), sends: moved.sends });
        },
        { connections: 3 },
      ),
    );
}
