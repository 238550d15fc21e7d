import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import type { UndoResult } from '../subscribers/import/undo.ts';
import { wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';

const { findImport, listImports } = lazily(() => import('../subscribers/import/record.ts'));
const { undoImport } = lazily(() => import('../subscribers/import/undo.ts'));

const fields =
  '{ id, list, listId, mode, state, fileName, consent, options, rows, added, updated, unchanged, duplicates, suppressed, passedOver, badRows, storedThrough, startedAt, finishedAt, undoneAt }';

/** `broadsheet subscribers imports`: what was imported, and taking it back. */
export function registerImports(group: Command): void {
  const imports = group.command('imports').description('the imports there were: list, show, undo');

  imports
    .command('list', { isDefault: true })
    .description('show imports, the latest first')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 50)
    .addHelpText(
      'after',
      helpText({
        json: `[${fields}]`,
        examples: ['subscribers imports', 'subscribers imports list --limit 5 --json'],
      }),
    )
    .action((options: { limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const found = await listImports(context, options.limit);
        output.table(
          found.map(({ id, startedAt, state, mode, list, fileName, rows, added, updated, badRows }) => ({
            ...{ id, started: startedAt, state, mode, list: list ?? 'all', rows, added, updated },
            ...{ bad: badRows, file: fileName },
          })),
          'Nothing was imported yet.',
        );
        output.result(found);
      }),
    );

  imports
    .command('show')
    .description('show one import')
    .argument('<import>', 'its id')
    .addHelpText('after', helpText({ json: fields, examples: ['subscribers imports show 12'] }))
    .action((id: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const record = await findImport(context, idOf(id));
        for (const [name, value] of Object.entries(record))
          output.text(`${name}: ${value instanceof Date ? value.toISOString() : shown(value)}`);
        output.result(record);
      }),
    );

  destructive(
    imports
      .command('undo')
      .description('take back what an import added or changed, as far as nobody changed it since')
      .argument('<import>', 'its id'),
  )
    .addHelpText(
      'after',
      helpText({
        text: 'What somebody changed since stays as it is now. Who did something themselves since (clicked, opened, chose, left) or was sent an edition stays known, but leaves the list if they are on it by the import alone. An undoing that was cut off goes on when it is asked for again.',
        json: '{ importId, removed, leftList, restored, released, kept, keptBecause: { changed, acted, mailed } }',
        examples: ['subscribers imports undo 12 --dry-run', 'subscribers imports undo 12 --yes'],
      }),
    )
    .action((id: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const importId = idOf(id);
        const plan = await undoImport(context, importId, { preview: true });
        const many = (count: number, one: string, more: string) =>
          `${count.toLocaleString('en')} ${count === 1 ? one : more}`;
        const effects = [
          ...(plan.removed > 0 ? [`${many(plan.removed, 'person goes', 'people go')}`] : []),
          ...(plan.leftList > 0 ? [`${many(plan.leftList, 'subscription goes', 'subscriptions go')}`] : []),
          ...(plan.restored > 0
            ? [`${many(plan.restored, 'record is as it was', 'records are as they were')}`]
            : []),
          ...(plan.released > 0
            ? [`${many(plan.released, 'address gets', 'addresses get')} mail again`]
            : []),
          ...(plan.kept > 0 ? [`${many(plan.kept, 'person stays', 'people stay')}: ${whyKept(plan)}`] : []),
        ];
        const what = `This takes back import ${importId}.`;
        if (!(await confirmDestructive(output, options, { what, effects, plan: { ...plan } }))) return;
        const { signal, end } = interruptible();
        const progress = startProgress('people');
        try {
          const result = await undoImport(context, importId, {
            signal,
            onProgress: (done, total) => progress.update(done, total),
          });
          progress.end();
          output.text(`Import ${importId} is undone.`, ...effects.map((effect) => `  - ${effect}`));
          output.result(result);
        } catch (error) {
          if (error instanceof UserError && error.code === 'interrupted')
            throw new Interrupted(`${error.message}\n${error.hint ?? ''}`);
          throw error;
        } finally {
          progress.end();
          end();
        }
      }),
    );
}

function whyKept({ keptBecause }: UndoResult): string {
  const reasons = {
    changed: 'changed since',
    acted: 'did something themselves since (clicked, opened, chose, left)',
    mailed: 'had an edition sent since',
  };
  return Object.entries(reasons)
    .flatMap(([name, reason]) => {
      const count = keptBecause[name as keyof typeof reasons];
      return count > 0 ? [`${count.toLocaleString('en')} ${reason}`] : [];
    })
    .join(', ');
}

function idOf(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new UserError(`An import's id is a number, not "${text}".`, {
      code: 'usage',
      hint: 'See which there were with: broadsheet subscribers imports',
    });
  return Number(text);
}

const shown = (value: unknown): string =>
  value === null ? '-' : typeof value === 'object' ? JSON.stringify(value) : String(value);
