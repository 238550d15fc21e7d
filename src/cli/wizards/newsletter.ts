import { listNewsletters } from '../../editions/newsletters.ts';
import { languages } from '../../rendering/words.ts';
import { checkSchedule, nextOccurrence } from '../../schedule/occurrences.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { listLists, slugOf } from '../../subscribers/lists.ts';
import { type Ask, type Choice, must } from './ask.ts';
import type { Script } from './run.ts';

const themes: Choice[] = [
  { value: 'broadsheet', label: 'Broadsheet', hint: 'as a newspaper’s front page' },
  { value: 'magazine', label: 'Magazine', hint: 'pictures lead' },
  { value: 'briefing', label: 'Briefing', hint: 'quiet, with much space' },
  { value: 'list', label: 'List', hint: 'compact, without pictures' },
];
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The questions of "newsletters create". */
export const newsletterScript: Script = async (ask, given, context, [named]) => {
  const taken = new Set((await listNewsletters(context)).map(({ slug }) => slug));
  const name =
    (given.name as string | undefined) ??
    (await ask.text('What do readers call the newsletter?', { example: 'Morning News', check: slugOf }));
  const slug =
    named ??
    (await ask.text('Its short name, for addresses and commands', {
      initial: slugOf(name),
      check: (answer) => {
        must(/^[a-z0-9][a-z0-9-]*$/.test(answer), 'Use lower-case letters, digits and hyphens.');
        must(!taken.has(answer), `There is a newsletter "${answer}" already.`);
      },
    }));
  const from =
    (given.from as string | undefined) ??
    (await ask.text('The address that it is sent from', {
      example: 'news@example.com',
      check: parseAddress,
    }));
  const cron = (given.cron as string | undefined) ?? (await askSchedule(ask));
  const timeZone =
    (given.timeZone as string | undefined) ??
    (await ask.text('In which time zone', {
      initial: Intl.DateTimeFormat().resolvedOptions().timeZone,
      check: (answer) => checkSchedule(cron, answer),
    }));
  const lists = await listLists(context);
  const chosen =
    given.list === undefined && lists.length > 0
      ? await ask.some(
          'Which lists get it?',
          lists.map((list) => ({ value: list.slug, label: list.name, hint: `${list.confirmed} confirmed` })),
          { initial: lists.length === 1 ? [lists[0]?.slug ?? ''] : [] },
        )
      : [];
  const option = async (of: string, question: () => Promise<string>) =>
    given[of] === undefined ? await question() : undefined;
  const mode = await option('mode', () =>
    ask.one('Who lets an edition go?', [
      { value: 'approval', label: 'An editor, who looks at it first' },
      { value: 'automatic', label: 'Nobody: it goes at its time' },
    ]),
  );
  const theme = await option('theme', () => ask.one('How does it look?', themes));
  const language = await option('language', () =>
    ask.one(
      'In which language is what stands around the stories?',
      languages.map((tag) => ({
        value: tag,
        label: new Intl.DisplayNames(['en'], { type: 'language' }).of(tag) ?? tag,
      })),
      'en',
    ),
  );
  const first = nextOccurrence(cron, timeZone, context.clock.now());
  return {
    arguments: named === undefined ? [slug] : [],
    options: {
      ...(given.name === undefined ? { '--name': name } : {}),
      ...(given.from === undefined ? { '--from': from } : {}),
      ...(given.cron === undefined ? { '--cron': cron } : {}),
      ...(given.timeZone === undefined ? { '--time-zone': timeZone } : {}),
      '--list': chosen,
      '--mode': mode,
      '--theme': theme,
      '--language': language,
    },
    does: [
      `This makes the newsletter "${name}" (${slug}), from ${from}.`,
      `Its first edition is for ${first.toISOString()}${chosen.length > 0 ? `, for ${chosen.join(' and ')}` : '; it has no list yet'}.`,
    ],
  };
};

/** A cron expression from how often and when. */
async function askSchedule(ask: Ask): Promise<string> {
  const often = await ask.one('When does it come?', [
    { value: '*', label: 'Every day' },
    { value: '1-5', label: 'Monday to Friday' },
    { value: 'week', label: 'Once a week' },
    { value: 'cron', label: 'By a cron expression of your own' },
  ]);
  if (often === 'cron')
    return ask.text('Minute, hour, day, month, weekday', {
      example: '0 7,17 * * *',
      check: (answer) => checkSchedule(answer, 'UTC'),
    });
  const weekday =
    often === 'week'
      ? await ask.one(
          'On which day?',
          days.map((label, index) => ({ value: String(index), label })),
          '5',
        )
      : often;
  const time = await ask.text('At what time?', {
    initial: '07:00',
    check: (answer) => must(/^([01]?\d|2[0-3]):[0-5]\d$/.test(answer), 'Write it as 07:00.'),
  });
  const [hour, minute] = time.split(':').map(Number);
  return `${minute} ${hour} * * ${weekday}`;
}
