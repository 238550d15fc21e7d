import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import type { SuppressionRow } from '../subscribers/suppression-list.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { registerFiles } from './suppressions-files.ts';
import {
  endOf,
  type FilterOptions,
  filtered,
  filterOf,
  type GivenOptions,
  reasonOption,
} from './suppressions-options.ts';

const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { suppress } = lazily(() => import('../subscribers/suppression.ts'));
const { editSuppressions } = lazily(() => import('../subscribers/suppression-edit.ts'));
const { findSuppressed, listSuppressions, removeSuppressions, showSuppressed } = lazily(
  () => import('../subscribers/suppression-list.ts'),
);

const admin = { via: 'admin' };
const which = 'an address, the SHA-256 of one in lower case, or the id of a suppression';
const rowFields = '{ id, email, hash, list, reason, note, since, until }';

/** `broadsheet suppressions`: addresses that get no mail. */
export function register(group: Command): void {
  group
    .command('create')
    .alias('add')
    .description('stop mail to an address, known or not')
    .argument('<address>', 'an address, or the SHA-256 of one in lower case')
    .option('--list <list>', 'only the mail of this list: short name or id')
    .addOption(reasonOption('why').default('manual'))
    .option('--note <text>', 'in your words; shown where it matters')
    .option('--expires <time>', 'mail may go again then: a date, or how long from now (90d)')
    .addHelpText(
      'after',
      helpText({
        json: '{ email, hash, list, reason, expires }',
        examples: [
          'suppressions create ada@example.com --note "Wrote to us on 3 May"',
          'suppressions create bo@example.com --list weekly --expires 90d',
        ],
      }),
    )
    .action((text: string, options: GivenOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { parseSuppressed } = await import('../subscribers/suppression-list.ts');
        const address = parseSuppressed(text);
        const list = options.list === undefined ? undefined : await findList(context, options.list);
        const expiresAt = endOf(options.expires, context.clock.now());
        const { reason, note } = options;
        await suppress(context, { address, reason, listId: list?.id, note, expiresAt });
        output.text(
          `${text.trim()} gets no more mail${list ? ` of ${list.slug}` : ''}${expiresAt ? ` until ${day(expiresAt)}` : ''}.`,
        );
        output.result({
          email: address.email,
          hash: address.hash.toString('hex'),
          list: list?.slug ?? null,
          reason,
          expires: expiresAt ?? null,
        });
      }),
    );

  filtered(group.command('list').description('show suppressions, newest first'))
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 100)
    .addHelpText(
      'after',
      helpText({
        json: `[${rowFields}]`,
        examples: [
          'suppressions list --reason complaint',
          'suppressions list --list weekly --search example.com',
        ],
      }),
    )
    .action((options: FilterOptions & { limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const rows = await listSuppressions(context, filterOf(options), options);
        output.table(rows.map(shown), 'Nobody is suppressed.');
        output.result(rows);
      }),
    );

  group
    .command('show')
    .description('show why an address gets no mail')
    .argument('<address>', which)
    .addHelpText(
      'after',
      helpText({
        json: `{ subscriberId, suppressions: [${rowFields}] }; what has ended is among them`,
        examples: ['suppressions show ada@example.com'],
      }),
    )
    .action((text: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const found = await showSuppressed(context, await findSuppressed(context, text));
        output.table(found.suppressions.map(shown), `${text.trim()} is not suppressed.`);
        output.result(found);
      }),
    );

  group
    .command('edit')
    .description('change the note of a suppression, or when it ends; what is not named stays')
    .argument('<address>', which)
    .option('--list <list>', 'only the suppression of this list')
    .option('--global', 'only the suppression for all lists')
    .option('--note <text>', 'in your words, or "none"')
    .option('--expires <time>', 'mail may go again then: a date, how long from now (90d), or "never"')
    .addHelpText(
      'after',
      helpText({
        text: 'For another reason: "suppressions create" again; each stands by itself.',
        json: `[${rowFields}]`,
        examples: [
          'suppressions edit ada@example.com --expires 90d',
          'suppressions edit 12 --note "Their mail server was broken" --expires never',
        ],
      }),
    )
    .action((text: string, options: EditOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { list, note, expires } = options;
        const filter = filterOf(options);
        const rows = await editSuppressions(context, text, {
          listId:
            list === undefined
              ? filter.list === null
                ? null
                : undefined
              : (await findList(context, list)).id,
          changes: {
            note: note === 'none' ? null : note,
            expiresAt: expires === 'never' ? null : endOf(expires, context.clock.now()),
          },
          origin: admin,
        });
        output.table(rows.map(shown), '');
        output.result(rows);
      }),
    );

  destructive(
    group
      .command('remove')
      .description('let mail go again to an address; nobody is subscribed again by it')
      .argument('<address>', which)
      .requiredOption('--because <text>', 'why mail may go again; kept as proof')
      .option('--list <list>', 'only the suppression of this list')
      .option('--global', 'only the suppression for all lists'),
  )
    .addHelpText(
      'after',
      helpText({
        json: '{ removed: [{ reason, list }] }',
        examples: [
          'suppressions remove ada@example.com --because "The mailbox works again, phone call of 3 May"',
        ],
      }),
    )
    .action((text: string, options: RemoveOptions, command: Command) =>
      withContext(command, (context, output) => remove(context, output, text, options)),
    );

  registerFiles(group);
}

const shown = ({ id, email, hash, list, reason, since, until, note }: SuppressionRow) => ({
  id,
  address: email ?? hash,
  list: list ?? 'all',
  reason,
  since: day(since),
  until: until && day(until),
  note,
});

const day = (at: Date) => at.toISOString().slice(0, 10);

interface EditOptions extends Pick<FilterOptions, 'list' | 'global'> {
  note?: string;
  expires?: string;
}

interface RemoveOptions extends DestructiveOptions {
  because: string;
  list?: string;
  global?: boolean;
}

async function remove(
  context: CommandContext,
  output: Output,
  text: string,
  options: RemoveOptions,
): Promise<void> {
  const address = await findSuppressed(context, text);
  const list = options.list === undefined ? undefined : await findList(context, options.list);
  const filter = filterOf(options);
  const listId = list ? list.id : filter.list === null ? null : address.listId;
  const { suppressions } = await showSuppressed(context, address);
  const going = suppressions.filter((row) =>
    address.id !== undefined && row.id !== address.id
      ? false
      : list
        ? row.list === list.slug
        : filter.list === null
          ? row.list === null
          : true,
  );
  if (going.length === 0)
    throw new UserError(`${text.trim()} is not suppressed${list ? ` for ${list.slug}` : ''}.`, {
      code: 'not-found',
    });
  const goOn = await confirmDestructive(output, options, {
    what: `This lets mail go again to ${text.trim()}.`,
    effects: going.map(
      ({ reason, list: of, since }) =>
        `suppressed ${of ? `for ${of}` : 'for everything'} since ${day(since)}: ${reason}${reason === 'erasure' ? ', which its owner asked for' : ''}`,
    ),
    plan: { suppressions: going },
  });
  if (!goOn) return;
  const removed = await removeSuppressions(context, {
    address,
    id: address.id,
    listId,
    because: options.because,
    origin: admin,
  });
  output.text(
    `${removed.length} ${removed.length === 1 ? 'suppression is' : 'suppressions are'} gone. Who had left stays away until they come back themselves.`,
  );
  output.result({ removed: going.map(({ reason, list: of }) => ({ reason, list: of })) });
}
