import { createHash } from 'node:crypto';
import type { TestContext } from './context.ts';

/** A story put straight into the database, for tests of the stages after intake. */
export interface SeedStory {
  title: string;
  publisher: string;
  bodyText?: string;
  dek?: string;
  topics?: string[];
  /** Hours before the clock's now. */
  hoursAgo?: number;
  url?: string;
  language?: string;
  imageUrl?: string;
}

/** @returns ids in the order given */
export async function seedStories(context: TestContext, stories: SeedStory[]): Promise<number[]> {
  const rows = await context.db
    .insertInto('stories')
    .values(
      stories.map((story, index) => {
        const url =
          story.url ??
          `https://${story.publisher.toLowerCase().replace(/\W+/g, '-')}.example.com/${index}-${createHash('sha256').update(story.title).digest('hex').slice(0, 8)}`;
        return {
          url_key: url.replace('https://', ''),
          url,
          title: story.title,
          dek: story.dek ?? '',
          body_text: story.bodyText ?? '',
          publisher: story.publisher,
          topics: story.topics ?? [],
          categories: story.topics ?? [],
          language: story.language ?? 'en',
          image_url: story.imageUrl ?? null,
          published_at: new Date(context.clock.now().getTime() - (story.hoursAgo ?? 2) * 3_600_000),
          content_hash: createHash('sha256')
            .update(`${story.title}\n${story.bodyText ?? ''}`)
            .digest('hex'),
        };
      }),
    )
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

const events = [
  {
    topic: 'weather',
    titles: [
      'Storm Odile floods the harbour of Marlow Bay',
      'Hundreds flee as Odile storm tide hits Marlow Bay',
      'Marlow Bay under water after storm Odile',
      'Storm Odile: Marlow Bay quay gives way',
      'Odile storm sinks boats in Marlow Bay harbour',
    ],
    body: 'Storm Odile pushed the tide over the quay of Marlow Bay on Monday night. Hundreds of people left their homes near the harbour, the fire brigade said.',
  },
  {
    topic: 'science',
    titles: [
      'Quantum clock of the Tessaly institute keeps time for a year',
      'Tessaly quantum clock loses less than a second in a year',
      'A year without a lost second: the Tessaly quantum clock',
      'Tessaly institute shows off its quantum clock',
    ],
    body: 'The quantum clock of the Tessaly institute lost less than a second in twelve months, physicists report in a journal.',
  },
  {
    topic: 'culture',
    titles: [
      'Orchestra of Vellmar elects its youngest conductor, Ines Kato',
      'Ines Kato, 24, to conduct the Vellmar orchestra',
      'Vellmar orchestra chooses Ines Kato as conductor',
    ],
    body: 'Musicians of the Vellmar orchestra voted for Ines Kato, who takes up the baton in spring. She grew up in the city.',
  },
  {
    topic: 'transport',
    titles: [
      'Rail strike called off after talks in Dunhaven',
      'Dunhaven drivers accept pay raise, rail strike is off',
    ],
    body: 'Train drivers in Dunhaven accepted a raise of four percent and called the rail strike off.',
  },
  {
    topic: 'nature',
    titles: ['Rare orange lynx seen near Lake Ostrava'],
    body: 'Rangers photographed a lynx with an orange coat on the northern shore of Lake Ostrava.',
  },
];
const publishers = ['Harbour Post', 'Northern Ledger', 'Valley Courier', 'City Desk', 'Quay Courier'];

/** Five invented events, the first reported by five publishers, the second by four, and so on. */
export const fiveEvents: SeedStory[] = events.flatMap(({ topic, titles, body }) =>
  titles.map((title, copy) => ({
    title,
    bodyText: copy === 0 ? body : `${title}. ${body.split('. ').slice(0, 1).join('. ')}.`,
    publisher: publishers[copy] ?? '',
    hoursAgo: 2 + copy,
    topics: [topic],
  })),
);
