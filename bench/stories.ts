import { randomFrom } from '../src/selection/random.ts';
import type { IncomingStory } from '../src/stories/story.ts';

const hour = 3_600_000;
const publisherCount = 300;
const vocabularySize = 40_000;
const bodyWords = 240;

const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri fro gre kla'.split(
  ' ',
);

function wordOf(number: number): string {
  let word = '';
  for (let rest = number + 27; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length];
  return word;
}

/**
 * Invented news: events of one report to some two hundred, as many reports as Zipf's law gives, each event with names and
 * words of its own beside those of the language, spread over publishers and the hours of a window. The same each time.
 * @param until milliseconds since 1970: the newest story's time
 */
export function* inventedStories(count: number, until: number, windowHours = 36): Generator<IncomingStory> {
  const random = randomFrom(42);
  // Word frequencies by Zipf's law, drawn by inverting its distribution.
  const word = () => wordOf(Math.floor(vocabularySize ** random()) - 1);
  let made = 0;
  for (let event = 0; made < count; event++) {
    const reports = Math.min(count - made, Math.max(1, Math.floor(1.3 / random() ** 0.9)), 200);
    const own = Array.from({ length: 12 }, () => `${word()}${wordOf(event % 5000)}`);
    const names = Array.from({ length: 3 }, () => {
      const name = `${word()}${word()}`;
      return `${name[0]?.toUpperCase()}${name.slice(1)}`;
    });
    const at = until - random() * windowHours * hour;
    for (let report = 0; report < reports; report++) {
      const title = [
        names[report % 3],
        word(),
        own[report % 12],
        names[(report + 1) % 3],
        own[(report + 5) % 12],
        word(),
      ];
      const body = Array.from({ length: bodyWords }, (_, place) =>
        random() < 0.12 ? own[Math.floor(random() * 12)] : place % 14 === 13 ? `${word()}.` : word(),
      );
      const publisher = `Paper ${Math.floor(random() * publisherCount)}`;
      yield {
        url: `https://${publisher.toLowerCase().replace(' ', '-')}.example.com/${event}/${report}`,
        title: title.join(' '),
        dek: body.slice(0, 18).join(' '),
        bodyText: body.join(' '),
        publisher,
        language: 'en',
        topics: [`subject-${event % 20}`],
        publishedAt: new Date(Math.min(until, at + random() * 6 * hour)),
        position: Math.floor(random() * 30),
      };
      made++;
    }
  }
}

/** The same stories in an order in which they might arrive: by time. */
export function arrivals(count: number, until: number): IncomingStory[] {
  return [...inventedStories(count, until)].sort(
    (a, b) => (a.publishedAt?.getTime() ?? 0) - (b.publishedAt?.getTime() ?? 0),
  );
}

/** A feed with the given stories. */
export function feedOf(stories: IncomingStory[]): string {
  const items = stories.map(
    ({ url, title, dek, bodyText, publishedAt, topics }) =>
      `<item><title>${title}</title><link>${url}</link><guid>${url}</guid><description>${dek}</description>` +
      `<content:encoded><![CDATA[<p>${bodyText}</p>]]></content:encoded>` +
      `<category>${topics?.[0]}</category><pubDate>${publishedAt?.toUTCString()}</pubDate></item>`,
  );
  return `<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Wire</title><link>https://wire.example.com/</link>${items.join('')}</channel></rss>`;
}
