import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { parseAddress } from '../subscribers/address.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { registerEdit } from './subscribers-edit.ts';
import { registerExport } from './subscribers-export.ts';
import { registerImport } from './subscribers-import.ts';
import { registerPrivacy } from './subscribers-privacy.ts';
import { commaSeparated } from './values.ts';

const { sendConfirmation } = lazily(() => import('../delivery/letters.ts'));
const { isHeldHere } = lazily(() => import('../db/installation.ts'));
const { openTransport } = lazily(() => import('../delivery/transport.ts'));
const { findSubscriber, listSubscribers, showSubscriber } = lazily(() => import('../subscribers/find.ts'));
const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { subscribe, unsubscribe } = lazily(() => import('../subscribers/subscribe.ts'));
const { suppress } = lazily(() => import('../subscribers/suppression.ts'));

const admin = { via: 'admin' };

interface AddOptions {
  list: string;
  name?: string;
  topics?: string[];
  frequency?: string;
  timeZone?: string;
  language?: string;
  confirmed?: boolean;
  consent?: string;
  liftSuppression?: string;
}

/** `broadsheet subscribers`: the people. */
export function register(group: Command): void {
  group
    .command('create')
    .alias('add')
    .description('subscribe one address; on a double opt-in list they are asked to confirm by mail')
    .argument('<email>')
    .requiredOption('--list <list>', 'short name or id')
    .option('--name <name>')
    .option('--topics <topics>', 'topics whose stories come first, separated by commas', commaSeparated)
    .option('--frequency <frequency>', 'every, daily, weekly or monthly')
    .option('--time-zone <zone>', 'such as Europe/Berlin')
    .option('--language <tag>', 'such as en or pt-BR')
    .option('--confirmed', 'they have agreed already: ask for no confirmation (needs --consent)')
    .option('--consent <text>', 'how they agreed; kept as proof')
    .option('--lift-suppression <why>', 'subscribe them although mail to them was stopped; says why')
    .addHelpText(
      'after',
      helpText({
        json: '{ subscriberId, listId, state, needsConfirmation, confirmationSent, … }; state is "pending", "confirmed" or "already"',
        examples: [
          'subscribers create ada@example.com --list readers',
          'subscribers create ada@example.com --list readers --confirmed --consent "Asked at the counter, 3 May"',
        ],
      }),
    )
    .action((email: string, options: AddOptions, command: Command) =>
      withContext(command, (context, output) => add(context, output, email, options)),
    );

  registerImport(group);
  registerExport(group);
  registerEdit(group);

  group
    .command('list')
    .description('show subscribers, newest first')
    .option('--list <list>', 'only those of this list')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'pending',
        'confirmed',
        'unsubscribed',
      ]),
    )
    .option('--search <text>', 'part of an address or name')
    .option('--segment <segment>', 'a saved segment’s name, or a filter such as "clicked within 30d"')
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 100)
    .addHelpText(
      'after',
      helpText({
        json: '[{ id, email, name, lists, createdAt }]; lists are written "readers (confirmed)"',
        examples: [
          'subscribers list --list readers --state pending',
          'subscribers list --search example.com --limit 20',
        ],
      }),
    )
    .action(
      (
        options: { list?: string; state?: string; search?: string; segment?: string; limit: number },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const people = await listSubscribers(context, options);
          output.table(
            people.map(({ id, email, name, lists }) => ({ id, email, name, lists })),
            'Nobody fits.',
          );
          output.result(people);
        }),
    );

  group
    .command('show')
    .description('show what is kept about one person: subscriptions, suppressions, consent')
    .argument('<subscriber>', 'address or id')
    .addHelpText(
      'after',
      helpText({
        json: '{ id, email, name, language, timeZone, createdAt, subscriptions: [{ list, slug, state, … }],\n  suppressions: [{ reason, list, note, since, until }], consent: [{ act, list, at, via, ip, page, wording, wordingText, evidence }], … }',
        examples: ['subscribers show ada@example.com', 'subscribers show 12 --json'],
      }),
    )
    .action((emailOrId: string, _options, command: Command) =>
      withContext(command, (context, output) => show(context, output, emailOrId)),
    );

  group
    .command('unsubscribe')
    .description('end subscriptions for someone who asked for it')
    .argument('<subscriber>', 'address or id')
    .option('--list <list>', 'only this list; all if not given')
    .addHelpText(
      'after',
      helpText({
        json: '{ subscriberId, left: [listId] }',
        examples: [
          'subscribers unsubscribe ada@example.com',
          'subscribers unsubscribe ada@example.com --list readers',
        ],
      }),
    )
    .action((emailOrId: string, options: { list?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const id = await findSubscriber(context, emailOrId);
        const list = options.list === undefined ? undefined : await findList(context, options.list);
        const { left } = await unsubscribe(context, id, list ? [list.id] : 'all', admin);
        output.text(
          left.length === 0
            ? `${emailOrId} was not subscribed${list ? ` to ${list.slug}` : ''}.`
            : `${emailOrId} has left ${list ? list.slug : `${left.length} ${left.length === 1 ? 'list' : 'lists'}, and gets nothing from any`}.`,
        );
        output.result({ subscriberId: id, left });
      }),
    );

  group
    .command('suppress')
    .description('stop all mail to an address, known or not')
    .argument('<email>')
    .option('--list <list>', 'only the mail of this list')
    .option('--note <text>', 'why')
    .addHelpText(
      'after',
      helpText({
        text: 'The same as "suppressions create" with the reason "manual".',
        json: '{ email, list, reason }',
        examples: ['subscribers suppress ada@example.com --note "Asked on the phone, 3 May"'],
      }),
    )
    .action((email: string, options: { list?: string; note?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const address = parseAddress(email);
        const list = options.list === undefined ? undefined : await findList(context, options.list);
        await suppress(context, { address, reason: 'manual', listId: list?.id, note: options.note });
        output.text(`${address.email} gets no more mail${list ? ` of ${list.slug}` : ''}.`);
        output.result({ email: address.email, list: list?.slug ?? null, reason: 'manual' });
      }),
    );

  registerPrivacy(group);
}

async function add(
  context: CommandContext,
  output: Output,
  email: string,
  options: AddOptions,
): Promise<void> {
  if (options.confirmed && !options.consent?.trim())
    throw new UserError('--confirmed needs --consent: how did they agree?', {
      code: 'usage',
      hint: 'For example: --consent "Asked for it at the counter, 3 May"',
    });
  const { list, name, topics, frequency, timeZone, language, confirmed, liftSuppression } = options;
  const result = await subscribe(context, {
    ...admin,
    evidence: options.consent ? { consent: options.consent.trim() } : {},
    ...{ email, list, name, topics, frequency, timeZone, language, confirmed, liftSuppression },
  });
  if (result.state === 'suppressed')
    throw new UserError(
      `${email} was not subscribed: ${whySuppressed[result.suppression ?? ''] ?? 'mail to it was stopped'}.`,
      {
        code: 'suppressed',
        details: { suppression: result.suppression },
        hint: 'If they have asked for mail again, say so: --lift-suppression "Wrote to us on 3 May"',
      },
    );
  const mailed =
    result.needsConfirmation && result.subscriberId
      ? await mailConfirmation(context, result.subscriberId, result.listId)
      : undefined;
  output.text(
    result.state === 'pending'
      ? mailed?.sent
        ? `${email} gets a mail to confirm, through ${mailed.through}.`
        : mailed?.held
          ? `${email} is waiting for confirmation. Sending is held here, so that no mail went out: run the same command again after "broadsheet db adopt".`
          : `${email} is waiting for confirmation. A mail went out within the last hour, so none was sent now.`
      : result.state === 'already'
        ? `${email} was subscribed to ${list} already.`
        : `${email} is subscribed to ${list}.`,
  );
  output.result({ ...result, confirmationSent: mailed?.sent ?? false });
}

async function mailConfirmation(context: CommandContext, subscriberId: number, listId: number) {
  const transport = await openTransport(context);
  try {
    const sent = await sendConfirmation(context, transport, { subscriberId, listId });
    return { sent, through: transport.describe, held: !sent && (await isHeldHere(context)) };
  } catch (error) {
    throw new UserError(
      `The person is waiting for confirmation, but the mail could not be sent through ${transport.describe}: ${messageOf(error)}.`,
      { code: 'mail', cause: error, hint: 'Run the same command again when the mail server is back.' },
    );
  } finally {
    await transport.close();
  }
}

const whySuppressed: Record<string, string> = {
  bounce: 'mail to it came back before',
  complaint: 'its owner reported our mail as spam',
  unsubscribe: 'its owner has left; they can come back through the page where people subscribe',
  erasure: 'its owner asked to be erased',
  manual: 'an admin stopped mail to it',
};

async function show(context: CommandContext, output: Output, emailOrId: string): Promise<void> {
  const person = await showSubscriber(context, emailOrId);
  const day = (at: Date | null) => at?.toISOString().slice(0, 16).replace('T', ' ');
  output.text(
    `${person.email}${person.name ? `, ${person.name}` : ''} (id ${person.id}, since ${day(person.createdAt)} UTC)`,
  );
  if (person.timeZone || person.language)
    output.text([person.timeZone, person.language].filter(Boolean).join(', '));
  output.text('');
  output.table(
    person.subscriptions.map((subscription) => ({
      list: subscription.slug,
      state: subscription.state,
      often: subscription.frequency,
      topics: subscription.topics,
      muted: [...subscription.mutedTopics, ...subscription.mutedSources],
      'paused until': day(subscription.pausedUntil),
    })),
    'No subscriptions.',
  );
  if (person.suppressions.length > 0) {
    output.text('', 'Suppressed:');
    output.table(
      person.suppressions.map(({ reason, list, since, until, note }) => ({
        reason,
        list: list ?? 'all',
        since: day(since),
        until: day(until),
        note,
      })),
      '',
    );
  }
  output.text('', 'Consent, newest first (UTC):');
  output.table(
    person.consent.map(({ at, act, list, via, ip, page, wording, evidence }) => ({
      at: day(at),
      act,
      list: list ?? 'all',
      via,
      ip,
      page,
      wording,
      evidence: JSON.stringify(evidence) === '{}' ? null : JSON.stringify(evidence),
    })),
    'Nothing.',
  );
  const wordings = new Map(person.consent.map(({ wording, wordingText }) => [wording, wordingText]));
  for (const [version, text] of wordings)
    if (version && text)
      output.text('', `Wording ${version}:`, ...text.split('\n').map((line) => `  ${line}`));
  output.result(person);
}
