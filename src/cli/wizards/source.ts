import { listSources } from '../../stories/sources.ts';
import { duration } from '../values.ts';
import { must } from './ask.ts';
import type { Script } from './run.ts';

const kinds = [
  { value: '', label: 'Look what it is' },
  { value: 'feed', label: 'Feed', hint: 'RSS, Atom, RDF or JSON' },
  { value: 'sitemap', label: 'News sitemap' },
  { value: 'page', label: 'Web page that lists articles' },
  { value: 'folder', label: 'Folder of files' },
  { value: 'file', label: 'File' },
  { value: 'api', label: 'Program that sends stories in' },
];

/** The questions of "sources create". */
export const sourceScript: Script = async (ask, given, context) => {
  const known = await listSources(context);
  const address = await ask.text(
    'Where do the stories come from? An address, a folder, or a name for a program',
    {
      example: 'https://www.example.com/feed.xml',
      check: (answer) =>
        must(!known.some(({ url }) => url === answer), 'There is a source of this address already.'),
    },
  );
  const kind = given.kind === undefined ? await ask.one('What is it?', kinds, '') : (given.kind as string);
  const name =
    given.name === undefined
      ? await ask.text('What to call it (Enter for its own name)', {
          optional: true,
          check: (answer) =>
            must(
              !known.some((each) => each.name.toLowerCase() === answer.toLowerCase()),
              `There is a source "${answer}" already.`,
            ),
        })
      : (given.name as string);
  const topics =
    given.topics === undefined
      ? await ask.text('Topics of all its stories, separated by commas (Enter for none)', { optional: true })
      : '';
  const every =
    given.interval === undefined && kind !== 'api'
      ? await ask.text('How often to fetch it', {
          initial: '15m',
          check: (answer) =>
            must((duration(answer) ?? 0) >= 60, 'Give a time of at least a minute, such as 15m.'),
        })
      : '';
  return {
    arguments: [address],
    options: {
      ...(given.kind === undefined ? { '--kind': kind } : {}),
      ...(given.name === undefined ? { '--name': name } : {}),
      '--topics': topics,
      '--interval': every,
    },
    does: [
      `This adds the source ${name ? `"${name}" (${address})` : address}${every ? `, fetched every ${every}` : ''}.`,
    ],
  };
};
