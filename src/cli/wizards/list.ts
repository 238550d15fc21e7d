import { checkListSlug, listLists, slugOf } from '../../subscribers/lists.ts';
import { must } from './ask.ts';
import type { Script } from './run.ts';

/** The questions of "lists create". */
export const listScript: Script = async (ask, given, context) => {
  const taken = new Set((await listLists(context, { archived: true })).map(({ slug }) => slug));
  const name = await ask.text('What do readers call the list?', { example: 'The Weekly', check: slugOf });
  const slug =
    (given.slug as string | undefined) ??
    (await ask.text('Its short name, for addresses and commands', {
      initial: slugOf(name),
      check: (answer) => {
        checkListSlug(answer);
        must(!taken.has(answer), `There is a list "${answer}" already.`);
      },
    }));
  const description =
    given.description === undefined
      ? await ask.text('A line for the page where people subscribe (Enter for none)', { optional: true })
      : '';
  const optIn =
    given.optIn === undefined
      ? await ask.one('When is somebody on it?', [
          {
            value: 'double',
            label: 'When they have confirmed by mail',
            hint: 'double opt-in, as laws ask for',
          },
          { value: 'single', label: 'At once', hint: 'single opt-in' },
        ])
      : undefined;
  const topics =
    given.topics === undefined
      ? await ask.text('Topics to choose among, separated by commas (Enter for none)', {
          optional: true,
          example: 'climate, energy',
        })
      : '';
  const mails =
    given.welcome === undefined && given.goodbye === undefined
      ? await ask.some(
          'Which mails do people get beside it?',
          [
            { value: 'welcome', label: 'A welcome, when they have confirmed' },
            { value: 'goodbye', label: 'A goodbye, when they have left' },
          ],
          { initial: ['welcome'] },
        )
      : undefined;
  return {
    arguments: [name],
    options: {
      ...(given.slug === undefined ? { '--slug': slug } : {}),
      '--description': description,
      '--opt-in': optIn,
      '--topics': topics,
      ...(mails && !mails.includes('welcome') ? { '--welcome': 'off' } : {}),
      ...(mails?.includes('goodbye') ? { '--goodbye': 'on' } : {}),
    },
    does: [
      `This makes the list "${name}" (${slug}).`,
      `People subscribe at ${context.config.publicUrl}/subscribe/${slug}`,
    ],
  };
};
