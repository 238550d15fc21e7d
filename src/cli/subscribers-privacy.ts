import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { SunsetOptions } from '../delivery/sunset.ts';
import { messageOf, UserError } from '../errors.ts';
import { parseAddress } from '../subscribers/address.ts';
import type { PersonCounts } from '../subscribers/erasure.ts';
import type { PersonExport } from '../subscribers/person-export.ts';
import type { PersonKey } from '../subscribers/person-tables.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { duration } from './values.ts';

const { assertOwn } = lazily(() => import('../db/installation.ts'));
const { previewSunset, runSunset } = lazily(() => import('../delivery/sunset.ts'));
const { openTransport } = lazily(() => import('../delivery/transport.ts'));
const { countPerson, eraseAddress, removeSubscriber } = lazily(() => import('../subscribers/erasure.ts'));
const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { exportAddress, exportPerson } = lazily(() => import('../subscribers/person-export.ts'));

const admin = { via: 'admin' };

/** What `broadsheet subscribers` has about consent and privacy: export-person, remove, sunset. */
export function registerPrivacy(group: Command): void {
  group
    .command('export-person')
    .description('write everything that is kept about one person, for them')
    .argument('<person>', 'address or id; an address that no subscriber has can be asked for too')
    .option('--html <file>', 'as a page that a person can read')
    .option('--out <file>', 'as JSON into a file')
    .addHelpText(
      'after',
      helpText({
        text: 'Without --html and --out the JSON goes to standard output.',
        json: '{ format, exportedAt, subscriberId, email, tables: { TABLE: { title, rows } } }',
        examples: [
          'subscribers export-person ada@example.com --html ada.html --out ada.json',
          'subscribers export-person 12 > person.json',
        ],
      }),
    )
    .action((person: string, options: { html?: string; out?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const exported = await exportedPerson(context, person);
        const json = `${JSON.stringify(exported, null, 2)}\n`;
        if (options.html) {
          const { personHtml } = await import('../subscribers/person-export.ts');
          write(options.html, personHtml(exported));
        }
        if (options.out) write(options.out, json);
        if (options.html || options.out) {
          const rows = Object.values(exported.tables).reduce((sum, table) => sum + table.rows.length, 0);
          output.text(
            `Wrote ${rows.toLocaleString('en')} entries from ${Object.keys(exported.tables).length} tables to ${[options.html, options.out].filter(Boolean).join(' and ')}.`,
          );
          output.result(exported);
        } else process.stdout.write(output.json ? `${JSON.stringify(exported)}\n` : json);
      }),
    );

  destructive(
    group
      .command('remove')
      .alias('erase')
      .description('erase a person: what is kept about them goes, and no import brings them back')
      .argument('<person>', 'address or id; an address that no subscriber has can be erased too'),
  )
    .addHelpText(
      'after',
      helpText({
        text: 'The hash of the address stays suppressed. docs/privacy.md tells what goes and what stays.',
        json: '{ removed, rows: { TABLE: number } }',
        examples: [
          'subscribers remove ada@example.com --dry-run',
          'subscribers remove ada@example.com --yes',
        ],
      }),
    )
    .action((person: string, options: DestructiveOptions, command: Command) =>
      withContext(command, (context, output) => erase(context, output, person, options)),
    );

  group
    .command('sunset')
    .description('ask the long inactive by mail whether they want to stay, and take off who does not answer')
    .requiredOption('--list <list>', 'short name or id')
    .option(
      '--inactive <time>',
      'for how long they have opened, clicked and changed nothing, in days or weeks',
      days('--inactive'),
    )
    .option('--grace <time>', 'how long they have for an answer (14d)', days('--grace'))
    .option('--limit <number>', 'how many are asked at most', wholeNumber('--limit', 1), 1_000)
    .option('--nightly', 'do this each night from now on: a setting of the list')
    .option('--no-nightly', 'do it in no night any more')
    .option('--dry-run', 'only say how many it would be')
    .addHelpText(
      'after',
      helpText({
        text: 'Each run takes off those whose time is over, then asks others. Running it again asks nobody twice.',
        json: '{ list, asked, failed, left, active, gone, nightly, dryRun }',
        examples: [
          'subscribers sunset --list weekly --inactive 365d --dry-run',
          'subscribers sunset --list weekly --inactive 365d --grace 21d --nightly',
        ],
      }),
    )
    .action((options: SunsetFlags, command: Command) =>
      withContext(command, (context, output) => sunset(context, output, options)),
    );
}

async function exportedPerson(context: CommandContext, person: string): Promise<PersonExport> {
  return isId(person) ? exportPerson(context, Number(person)) : exportAddress(context, person);
}

const isId = (text: string) => /^\d{1,15}$/.test(text.trim());

function write(file: string, text: string): void {
  try {
    // It is about a person: nobody else on the machine has to read it.
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new UserError(`${file} cannot be written: ${messageOf(error)}.`, { code: 'file' });
  }
}

async function erase(
  context: CommandContext,
  output: Output,
  person: string,
  options: DestructiveOptions,
): Promise<void> {
  const key = await keyOf(context, person);
  const rows = await countPerson(context, key);
  if (Object.keys(rows).length === 0)
    throw new UserError(`Nothing is kept about ${person.trim()}, so there is nothing to erase.`, {
      code: 'not-found',
      hint: 'Look for them with: broadsheet subscribers list --search TEXT',
    });
  const goOn = await confirmDestructive(output, options, {
    what: `This erases ${person.trim()}, and it cannot be undone.`,
    effects: effectsOf(rows),
    instead: 'To end the mail and keep the record, use: broadsheet subscribers unsubscribe',
    plan: { person: person.trim(), rows },
  });
  if (!goOn) return;
  if (key.id !== null) await removeSubscriber(context, key.id, admin);
  else await eraseAddress(context, person, admin);
  output.text(
    `Erased ${key.id === null ? 'what was kept about the address' : `subscriber ${key.id}`}. The address stays suppressed.`,
  );
  output.result({ removed: key.id, rows });
}

async function keyOf({ db }: CommandContext, person: string): Promise<PersonKey> {
  const columns = ['id', 'email_key as key', 'email_hash as hash'] as const;
  if (isId(person)) {
    const row = await db
      .selectFrom('subscribers')
      .select(columns)
      .where('id', '=', Number(person))
      .executeTakeFirst();
    if (row) return row;
    throw new UserError(`There is no subscriber ${person.trim()}.`, {
      code: 'not-found',
      hint: 'Look for them with: broadsheet subscribers list --search TEXT',
    });
  }
  const { key, hash } = parseAddress(person);
  const row = await db
    .selectFrom('subscribers')
    .select(columns)
    .where('email_key', '=', key)
    .executeTakeFirst();
  return row ?? { id: null, key, hash };
}

const effectsOf = (rows: PersonCounts) =>
  Object.entries(rows).map(
    ([table, count]) =>
      `${table.replaceAll('_', ' ')}: ${count.toLocaleString('en')} ${stays[table] ?? 'deleted'}`,
  );

const stays: Record<string, string> = {
  deliveries: 'kept under an id that leads to nobody',
  engagement: 'counted without a name',
  consent_log: 'kept with a hash, without machines and words',
  suppressions: 'kept with a hash',
  feedback_events: 'counted without a name',
  webhook_events: 'kept without the hash',
};

interface SunsetFlags {
  list: string;
  inactive?: number;
  grace?: number;
  limit: number;
  nightly?: boolean;
  dryRun?: boolean;
}

function days(option: string): (text: string) => number {
  return (text) => {
    const seconds = duration(text);
    const wanted = seconds === undefined ? Number.NaN : seconds / 86_400;
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > 36_500)
      throw new TypeError(`${option} takes a number of days or weeks such as 365d or 52w, not "${text}"`);
    return wanted;
  };
}

async function sunset(context: CommandContext, output: Output, flags: SunsetFlags): Promise<void> {
  const { id, slug } = await findList(context, flags.list);
  const kept = await context.db
    .selectFrom('lists')
    .select(['sunset_days', 'sunset_grace_days'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const graceDays = flags.grace ?? kept.sunset_grace_days;
  if (flags.nightly === false) {
    await context.db.updateTable('lists').set({ sunset_days: null }).where('id', '=', id).execute();
    output.text(`Nobody of ${slug} is asked at night any more. Who was asked before can still answer.`);
    output.result({ list: slug, nightly: false });
    return;
  }
  const inactiveDays = flags.inactive ?? kept.sunset_days;
  if (inactiveDays === null || inactiveDays === undefined)
    throw new UserError('Say for how long they must have been inactive.', {
      code: 'usage',
      hint: 'For example: --inactive 365d',
    });
  const options: SunsetOptions = { list: { id, slug }, inactiveDays, graceDays, limit: flags.limit };
  if (flags.dryRun) {
    const result = await previewSunset(context, options);
    output.text(
      `Of ${slug}, ${count(result.asked, 'person')} would be asked, and up to ${count(result.left, 'person')} who did not answer taken off.`,
      kept.sunset_days === null
        ? 'It is done in no night.'
        : `It is done each night: after ${count(kept.sunset_days, 'day')}, with ${count(kept.sunset_grace_days, 'day')} to answer.`,
      'Nothing was done: this was a dry run.',
    );
    output.result({ ...result, nightly: kept.sunset_days !== null, dryRun: true });
    return;
  }
  await assertOwn(context);
  if (flags.nightly)
    await context.db
      .updateTable('lists')
      .set({ sunset_days: inactiveDays, sunset_grace_days: graceDays })
      .where('id', '=', id)
      .execute();
  const { signal, end } = interruptible();
  const progress = startProgress('people asked');
  const transport = await openTransport(context);
  try {
    const result = await runSunset(context, transport, {
      ...options,
      stopping: signal,
      onProgress: (asked) => progress.update(asked),
    });
    progress.end();
    output.text(
      `Of ${slug}, ${count(result.asked, 'person')} ${result.asked === 1 ? 'was' : 'were'} asked through ${transport.describe}; ` +
        `${count(result.left, 'person')} who did not answer ${result.left === 1 ? 'is' : 'are'} off the list, ${result.active} came back to reading.`,
      ...(result.failed > 0
        ? [`${count(result.failed, 'mail')} could not be sent; the next run tries again.`]
        : []),
      ...(flags.nightly ? ['The same is done each night from now on.'] : []),
    );
    output.result({ ...result, nightly: flags.nightly === true || kept.sunset_days !== null, dryRun: false });
    if (result.failed > 0) process.exitCode = 3;
  } finally {
    progress.end();
    end();
    await transport.close();
  }
}

const plurals: Record<string, string> = { person: 'people', mail: 'mails', day: 'days' };
const count = (number: number, what: string) =>
  `${number.toLocaleString('en')} ${number === 1 ? what : (plurals[what] ?? what)}`;
