import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { EditionChangeInput } from '../editions/revise/change.ts';
import type { Revised } from '../editions/revise/revise.ts';
import { messageOf, UserError } from '../errors.ts';
import { type Output, withContext } from './command.ts';
import { printEdition } from './edition-output.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { editEdition } = lazily(() => import('../editions/edit.ts'));
const { findEdition, getEdition } = lazily(() => import('../editions/editions.ts'));
const { historyOf } = lazily(() => import('../editions/revise/history.ts'));
const { redo, revise, undo } = lazily(() => import('../editions/revise/revise.ts'));
const { compileAndStore } = lazily(() => import('../rendering/store.ts'));

/** `broadsheet editions edit`, `history`, `undo` and `redo`. */
export function registerChanges(group: Command): void {
  group
    .command('edit <edition>')
    .description('change an edition’s subject, preheader, the subjects that are tried out, and its stories')
    .option('--subject <text>', 'what the inbox shows')
    .option('--preheader <text>', 'the line behind it')
    .option(
      '--try <subjects...>',
      'further subjects, tried out on some readers before the others get the better one',
    )
    .option('--no-try', 'try none out')
    .option('--change <json...>', 'changes as the editors’ desk makes them (docs/editing.md)')
    .addHelpText(
      'after',
      helpText({
        json: 'the edition, as "editions show" gives it',
        examples: [
          'editions edit morning --subject "The bridge hums again"',
          'editions edit 12 --try "What the bridge sings" "A bridge, and its tune"',
          `editions edit 12 --change '{"kind":"move","story":"s81","to":{"slot":"lead","at":0}}'`,
        ],
      }),
    )
    .action(
      (
        which: string,
        options: { subject?: string; preheader?: string; try?: string[] | boolean; change?: string[] },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const { id } = await findEdition(context, which);
          const changes = (options.change ?? []).map(parsedChange);
          await editEdition(context, id, {
            subject: options.subject,
            preheader: options.preheader,
            tried: options.try === false ? [] : Array.isArray(options.try) ? options.try : undefined,
          });
          for (const change of changes) {
            const { version } = await getEdition(context, id);
            output.text(
              (await revise(context, { editionId: id, base: version, user: null, change })).summary,
            );
          }
          const edition = await getEdition(context, id);
          await compileAndStore(context, edition);
          await printEdition(context, output, edition);
        }),
    );

  group
    .command('history <edition>')
    .description('show what was changed of an edition, by whom, the latest first')
    .addHelpText(
      'after',
      helpText({
        json: '{ versions: [{ version, at, user, kind, summary, change, undid, redid }], undo, redo } (of the last two the version)',
        examples: ['editions history morning'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findEdition(context, which);
        const { versions, undo: last, redo: next } = await historyOf(context, id);
        output.table(
          versions.map(({ version, at, user, summary }) => ({
            version,
            at: at.toISOString(),
            by: user.name,
            what: summary,
          })),
          'Nothing was changed of this edition.',
        );
        output.result({ versions, undo: last?.version ?? null, redo: next?.version ?? null });
      }),
    );

  for (const [name, step, says] of [
    ['undo', undo, 'take the latest change of an edition back'],
    ['redo', redo, 'do the change of an edition again that was taken back last'],
  ] as const)
    group
      .command(`${name} <edition>`)
      .description(says)
      .addHelpText(
        'after',
        helpText({
          json: 'the edition, as "editions show" gives it',
          examples: [`editions ${name} morning`],
        }),
      )
      .action((which: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const { id, version } = await findEdition(context, which);
          await stepped(context, output, await step(context, { editionId: id, base: version, user: null }));
        }),
      );
}

async function stepped(context: Context, output: Output, { edition, summary }: Revised): Promise<void> {
  await compileAndStore(context, edition);
  output.text(summary);
  await printEdition(context, output, edition);
}

function parsedChange(json: string): EditionChangeInput {
  try {
    return JSON.parse(json) as EditionChangeInput;
  } catch (error) {
    throw new UserError(`--change is no JSON: ${messageOf(error)}.`, {
      code: 'usage',
      hint: `Write it as '{"kind":"drop","story":"s81"}'.`,
    });
  }
}
