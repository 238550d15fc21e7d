import { growAudience } from './grow-audience.ts';
import type { Figures } from './grow-figures.ts';
import { growStories } from './grow-stories.ts';
import { type Measurement, type MeasureOptions, rounded } from './measure.ts';

const usualSizes = [10_000, 100_000, 1_000_000];

/**
 * What is done with an audience and with stories, at several sizes of each, in a database of its own for each size. There is no reference:
 * the sizes are compared with each other.
 */
export async function measureGrow({
  subscribers = usualSizes,
  stories = usualSizes,
  say,
}: MeasureOptions): Promise<Measurement> {
  const audience: Record<string, Figures> = {};
  for (const size of subscribers) audience[size] = await growAudience(size, say);
  const archive: Record<string, Figures> = {};
  for (const size of stories) archive[size] = await growStories(size, say);
  const cost = (size: number) => audience[size]?.['sent: µs of the worker a message'] ?? 0;
  const [least = 0, most = 0] = [Math.min(...subscribers), Math.max(...subscribers)].map(cost);
  return {
    name: 'grow',
    ours: rounded(most),
    oursUnit: 'µs of the worker a message, with most subscribers',
    reference: rounded(least),
    referenceUnit: 'with fewest',
    ratio: rounded(least / most || 0),
    verdict: [...table('subscribers', audience), ...table('stories', archive)].join('\n'),
    subscribers: audience,
    stories: archive,
  };
}

/** Figures beside each other, as a table of Markdown; the last column says how many times the first one the last one is. */
function table(what: string, bySize: Record<string, Figures>): string[] {
  const sizes = Object.keys(bySize).sort((a, b) => Number(a) - Number(b));
  if (sizes.length === 0) return [];
  const names = Object.keys(bySize[sizes[0] ?? ''] ?? {});
  const shown = (number: number | undefined) =>
    number === undefined ? '' : rounded(number).toLocaleString('en', { maximumFractionDigits: 3 });
  return [
    '',
    `| ${what} | ${sizes.map((size) => Number(size).toLocaleString('en')).join(' | ')} | times |`,
    `|---|${sizes.map(() => '---').join('|')}|---|`,
    ...names.map((name) => {
      const figures = sizes.map((size) => bySize[size]?.[name]);
      const [first, last] = [figures[0], figures.at(-1)];
      const times = first && last ? last / first : undefined;
      return `| ${name} | ${figures.map(shown).join(' | ')} | ${shown(times)} |`;
    }),
  ];
}
