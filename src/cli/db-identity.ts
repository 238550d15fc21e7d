import type { Command } from 'commander';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { installationOf } = lazily(() => import('../db/installation.ts'));
const { adoptCopy } = lazily(() => import('../schedule/adopt.ts'));

const json = '{ id, adoptedAt, held, place, adoptedPlace }; held is null where it sends';

/** The part of `broadsheet db` that tells copies of the data from the installation that sends. */
export function registerIdentity(group: Command): void {
  group
    .command('identity')
    .description('tell which installation this is, and whether it is a copy, of which sending is held')
    .addHelpText(
      'after',
      helpText({
        text: 'A backup restored elsewhere, a cloned database or a copied folder sends, fetches and fires nothing until "db adopt".',
        json,
        examples: ['db identity'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const { held, ...installation } = await installationOf(context);
        output.text(
          `Installation ${installation.id}, adopted ${installation.adoptedAt.toISOString()}.`,
          held === undefined
            ? 'It is at home here, and sends.'
            : `Sending is held. ${held}.\nIf this is the one that shall send: broadsheet db adopt`,
        );
        output.result({ ...installation, held: held ?? null });
      }),
    );

  destructive(group.command('adopt'))
    .description('let a copy send from now on: a restored backup, a clone, moved data')
    .option(
      '--go-on',
      'nothing was sent since the data were copied: go on with editions under way, and catch up',
    )
    .addHelpText(
      'after',
      helpText({
        text: 'Two installations with the same data would send everything twice: stop the other one for good first. Processes that run here begin to send within seconds. What was under way when the data were copied may have gone out since: without --go-on such editions are paused, drafts whose time has passed are skipped, and missed runs are not caught up.',
        json: json.replace(' }', ', paused, skipped }'),
        examples: ['db adopt', 'db adopt --yes', 'db adopt --go-on --yes'],
      }),
    )
    .action((options: DestructiveOptions & { goOn?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const before = await installationOf(context);
        const { held, ...same } = before;
        if (held === undefined) {
          output.text('It is at home here already, and sends.');
          output.result({ ...same, held: null, paused: [], skipped: [] });
          return;
        }
        const [newsletters, waiting] = await Promise.all([
          context.db
            .selectFrom('newsletters')
            .select((e) => e.fn.countAll<number>().as('count'))
            .executeTakeFirstOrThrow(),
          context.db
            .selectFrom('editions')
            .select((e) => e.fn.countAll<number>().as('count'))
            .where('state', 'in', ['approved', 'sending'])
            .executeTakeFirstOrThrow(),
        ]);
        const isAgreed = await confirmDestructive(output, options, {
          what: `${held}. Once it is adopted it sends to real people.`,
          effects: [
            `${newsletters.count} newsletters, by their schedules`,
            options.goOn
              ? `${waiting.count} editions that are approved or being sent go on, and missed runs are caught up`
              : `of ${waiting.count} editions that are approved or being sent, those whose time has come are paused`,
            'who unsubscribed, complained or was erased since the data were copied is mailed again, unless their suppressions are imported first (docs/backup.md)',
          ],
          instead: 'To try things out with a copy, leave it held.',
          plan: { installation: before.id, held },
        });
        if (!isAgreed) return;
        const { installation, paused, skipped } = await adoptCopy(context, { goOn: options.goOn ?? false });
        const { held: after, ...adopted } = installation;
        output.text(
          `Installation ${adopted.id} is at home here now, and sends.`,
          ...paused.map(
            ({ id }) =>
              `Edition ${id} is paused. If it went out already: broadsheet editions cancel ${id}; if not: resume ${id}`,
          ),
          ...skipped.map(({ id }) => `Edition ${id} is skipped: its time had passed.`),
        );
        const ids = (editions: { id: number }[]) => editions.map(({ id }) => id);
        output.result({ ...adopted, held: after ?? null, paused: ids(paused), skipped: ids(skipped) });
      }),
    );
}
