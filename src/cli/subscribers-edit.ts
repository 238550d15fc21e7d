import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { commaSeparated } from './values.ts';

const { findSubscriber, showSubscriber } = lazily(() => import('../subscribers/find.ts'));
const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { updatePreferences } = lazily(() => import('../subscribers/subscribe.ts'));

interface EditOptions {
  name?: string;
  timeZone?: string;
  language?: string;
  list?: string;
  frequency?: string;
  topics?: string[];
  mute?: string[];
  muteSources?: string[];
}

/** The part of `broadsheet subscribers` that changes one person for them, as their page of preferences would. */
export function registerEdit(group: Command): void {
  group
    .command('edit')
    .description(
      'change a person’s name, language, zone, or what they want of a list; what is not named stays',
    )
    .argument('<subscriber>', 'address or id')
    .option('--name <name>', 'or "none"')
    .option('--time-zone <zone>', 'such as Europe/Berlin, or "none"')
    .option('--language <tag>', 'such as en or pt-BR, or "none"')
    .option('--list <list>', 'the list that what follows is for; all of theirs if not given')
    .option('--frequency <frequency>', 'every, daily, weekly or monthly')
    .option(
      '--topics <topics>',
      'topics whose stories come first, separated by commas, or "none"',
      commaSeparated,
    )
    .option(
      '--mute <topics>',
      'topics that they get nothing of, separated by commas, or "none"',
      commaSeparated,
    )
    .option(
      '--mute-sources <publishers>',
      'publishers that they get nothing of, separated by commas, or "none"',
      commaSeparated,
    )
    .addHelpText(
      'after',
      helpText({
        text: 'To end mail, use "subscribers unsubscribe". An address is not changed: who owns the new one has to agree.',
        json: 'the person, as "subscribers show" gives them',
        examples: [
          'subscribers edit ada@example.com --name "Ada Moor" --language en',
          'subscribers edit 12 --list readers --frequency weekly --topics port,weather',
        ],
      }),
    )
    .action((emailOrId: string, options: EditOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { list, frequency, topics, mute, muteSources, ...own } = options;
        const wishes = {
          frequency,
          topics: withoutNone(topics),
          mutedTopics: withoutNone(mute),
          mutedSources: withoutNone(muteSources),
        };
        const isAboutLists = Object.values(wishes).some((wish) => wish !== undefined);
        if (list !== undefined && !isAboutLists)
          throw new UserError(
            '--list needs something to change: --frequency, --topics, --mute or --mute-sources.',
            {
              code: 'usage',
            },
          );
        if (!isAboutLists && Object.values(own).every((value) => value === undefined))
          throw new UserError('Nothing to change was given.', {
            code: 'usage',
            hint: 'See what can be changed: broadsheet subscribers edit --help',
          });
        const id = await findSubscriber(context, emailOrId);
        const { subscriptions } = await showSubscriber(context, String(id));
        const wanted = list === undefined ? undefined : await findList(context, list);
        const meant = subscriptions.filter(({ listId }) => wanted === undefined || listId === wanted.id);
        if (isAboutLists && meant.length === 0)
          throw new UserError(`${emailOrId} is not subscribed to ${wanted?.slug ?? 'any list'}.`, {
            code: 'not-found',
            hint: 'Subscribe them first: broadsheet subscribers create ADDRESS --list LIST',
          });
        await updatePreferences(
          context,
          id,
          {
            name: orNull(own.name),
            timeZone: orNull(own.timeZone),
            language: orNull(own.language),
            lists: isAboutLists ? meant.map(({ listId }) => ({ listId, ...wishes })) : [],
          },
          { via: 'admin' },
        );
        const person = await showSubscriber(context, String(id));
        output.text(`Changed ${person.email}.`);
        output.result(person);
      }),
    );
}

const orNull = (text: string | undefined) => (text === 'none' ? null : text);
const withoutNone = (words: string[] | undefined) => words?.filter((word) => word !== 'none');
