import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { Random } from '../torture/random.ts';

interface Story {
  path: string;
  title: string;
  text: string;
  at: Date;
  image: number | undefined;
}

const feeds = 10;
const shownStories = 15;
const images = 6;
/** So many of ten events are reported by a second paper too. */
const sharedOfTen = 4;

/** Papers that publish: a site whose feeds change all the time, with a page for each story and pictures for some. */
export class Publisher {
  /** What was published until now. */
  stories = 0;
  readonly #random: Random;
  readonly #papers: Story[][] = Array.from({ length: feeds }, () => []);
  readonly #pictures: Buffer[] = [];
  readonly #server = createServer((request, response) => this.#answer(request.url ?? '/', response));
  #timer: NodeJS.Timeout | undefined;
  #base = '';

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** @returns the addresses of the feeds */
  async start(everyMs: number): Promise<string[]> {
    for (let picture = 0; picture < images; picture++)
      this.#pictures.push(
        await sharp({
          create: { width: 900, height: 500, channels: 3, background: { r: picture * 40, g: 120, b: 160 } },
        })
          .jpeg()
          .toBuffer(),
      );
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#base = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    for (let event = 0; event < 40; event++) this.#publish();
    this.#timer = setInterval(() => this.#publish(), everyMs);
    return this.#papers.map((_, paper) => `${this.#base}/feed/${paper}`);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Something happens, and one paper or two report it. */
  #publish(): void {
    const random = this.#random;
    const name = () => this.#word(2, 3);
    const [who, place, thing] = [name(), name(), this.#word(2, 3).toLowerCase()];
    const deed = random.pick(['opens', 'mends', 'sells', 'paints', 'loses', 'finds', 'builds', 'measures']);
    const titles = [
      `${who} ${deed} the ${thing} of ${place}`,
      `${place} talks of nothing but ${who}, who ${deed} the ${thing}`,
    ];
    const papers = random.some([...this.#papers.keys()], random.between(1, 10) <= sharedOfTen ? 2 : 1);
    for (const [version, paper] of papers.entries()) {
      const number = ++this.stories;
      this.#papers[paper]?.unshift({
        path: `/story/${number}`,
        title: titles[version] ?? '',
        text: `${who} ${deed} the ${thing} of ${place}, as was told on this day. ${who} had asked for the ${thing} for years. In ${place} people came to see it, and some of them stayed until the evening. Nobody knows what becomes of the ${thing} in the end.`,
        at: new Date(),
        image: number % 3 === 0 ? number % images : undefined,
      });
      this.#papers[paper]?.splice(shownStories * 4);
    }
  }

  #word(least: number, most: number): string {
    const syllables = Array.from(
      { length: this.#random.between(least, most) },
      () =>
        this.#random.pick([...'bdfgklmnprstvz']) +
        this.#random.pick(['a', 'e', 'i', 'o', 'u', 'an', 'or', 'el']),
    ).join('');
    return syllables[0]?.toUpperCase() + syllables.slice(1);
  }

  #answer(url: string, response: ServerResponse): void {
    const [, kind, number] = /^\/(feed|story|image)\/(\d+)/.exec(url) ?? [];
    const send = (type: string, body: string | Buffer) =>
      response.writeHead(200, { 'Content-Type': type }).end(body);
    if (kind === 'feed') return void send('application/rss+xml', this.#feed(Number(number)));
    const picture = this.#pictures[Number(number)];
    if (kind === 'image' && picture) return void send('image/jpeg', picture);
    const story = this.#papers.flat().find(({ path }) => path === `/${kind}/${number}`);
    if (story)
      return void send(
        'text/html',
        `<!doctype html><html lang="en"><title>${story.title}</title><article><h1>${story.title}</h1><p>${story.text}</p></article></html>`,
      );
    response.writeHead(404).end();
  }

  #feed(paper: number): string {
    const items = (this.#papers[paper] ?? [])
      .slice(0, shownStories)
      .map(
        ({ path, title, text, at, image }) =>
          `<item><title>${title}</title><link>${this.#base}${path}</link><guid>${this.#base}${path}</guid><pubDate>${at.toUTCString()}</pubDate><description>${text}</description>${
            image === undefined
              ? ''
              : `<enclosure url="${this.#base}/image/${image}" type="image/jpeg" length="9000"/>`
          }</item>`,
      );
    return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Paper ${paper}</title><link>${this.#base}</link><description>A paper</description><language>en</language>${items.join('')}</channel></rss>`;
  }
}
