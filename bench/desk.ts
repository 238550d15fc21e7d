import { request } from 'node:http';
import { startServer } from '../src/web/server.ts';
import { startBrowser } from '../tests/support/browser.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { plainPage } from './desk-plain.tsx';
import { seedSent, seedStories } from './desk-seed.ts';
import { type DeskServer, startDeskServer } from './desk-server.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { type Measurement, type MeasureOptions, median, rounded } from './measure.ts';

const mostReaders = 1_000_000;
const barMs = 200;

/**
 * The desk's pages over HTTP, from the request to the first byte, with many stories in the database and ten times as many
 * readers (at most a million), to whom one edition was sent and another is being sent; against a bare Hono page of JSX of the
 * size of the edition's page, with nothing looked up. And in Chromium: from a press that moves a story until the preview
 * shows it moved.
 */
export async function measureDesk(options: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase((context) => measureOver(context, options));
}

async function measureOver(
  context: BenchContext,
  { rows = 100_000, rounds = 15, say }: MeasureOptions,
): Promise<Measurement> {
  await seedStories(context, rows);
  say(`${rows} stories are there`);
  const readers = Math.min(mostReaders, rows * 10);
  const newsletterId = await seedAudience(context, readers);
  const { sent, sending } = await seedSent(context, newsletterId, readers);
  say(`${readers} readers and their deliveries are there`);
  const editionId = await seedEdition(context, newsletterId);
  await context.db
    .updateTable('editions')
    .set({ state: 'review', scheduled_for: new Date(Date.now() + 3_600_000) })
    .where('id', '=', editionId)
    .execute();
  const server = await startDeskServer(context);
  try {
    const at = `/desk/editions/${editionId}`;
    const paths = {
      today: '/desk',
      editions: '/desk/editions',
      stories: '/desk/stories',
      search: '/desk/stories?q=story+number',
      story: '/desk/stories/500',
      related: '/desk/stories/500/related',
      storylines: '/desk/storylines',
      storyline: '/desk/storylines/100',
      split: '/desk/storylines/100/split?story=397',
      merge: '/desk/storylines/100/merge?q=story',
      sources: '/desk/sources',
      source: '/desk/sources/7',
      newsletters: '/desk/newsletters',
      newsletter: '/desk/newsletters/harbour-post',
      reach: '/desk/newsletters/harbour-post/reach',
      look: '/desk/newsletters/harbour-post/look',
      policy: '/desk/newsletters/harbour-post/policy',
      versions: '/desk/newsletters/harbour-post/policy/versions',
      replays: '/desk/newsletters/harbour-post/policy/replays',
      rules: '/desk/newsletters/harbour-post/rules',
      reports: '/desk/reports',
      report: `/desk/reports/editions/${sent}`,
      reportTable: `/desk/reports/editions/${sent}/domains.csv`,
      reportSending: `/desk/reports/editions/${sending}`,
      reportOverTime: '/desk/reports/newsletters/harbour-post',
      growth: '/desk/reports/newsletters/harbour-post/growth.csv',
      edition: at,
      editionSent: `/desk/editions/${sent}`,
      editionSending: `/desk/editions/${sending}`,
      editionStory: `${at}/stories/s3`,
      find: `${at}/find?q=story`,
      history: `${at}/history`,
      checks: `${at}/checks`,
      preview: `${at}/preview`,
      frame: `${at}/preview.html`,
      frameDark: `${at}/preview.html?scheme=dark&images=off`,
      previewReaders: `${at}/preview/readers?q=reader77`,
      send: `${at}/send`,
      who: `${at}/send/who`,
      account: '/desk/account',
      users: '/desk/users',
      audit: '/desk/audit',
      components: '/desk/components',
    };
    const cookie = `${server.cookie.name}=${server.cookie.value}`;
    const pages: Record<string, { ms: number; cpuMs: number; firstMs: number; bytes: number }> = {};
    const firsts: Record<string, number> = {};
    for (const [name, path] of Object.entries(paths)) {
      const first = await timed(server.url + path, cookie);
      if (first.status !== 200) throw new Error(`${path} answered ${first.status}.`);
      firsts[name] = first.ms;
      // What a page had counted is there for the next one.
      await server.background.settle();
      pages[name] = { ms: 0, cpuMs: 0, firstMs: 0, bytes: first.bytes };
    }
    const plain = await startServer(context, plainPage(pages.edition?.bytes ?? 0), {
      host: '127.0.0.1',
      port: 0,
    });
    const took: Record<string, Timed[]> = Object.fromEntries(
      [...Object.keys(paths), 'plain'].map((name) => [name, []]),
    );
    for (let round = 0; round < rounds; round++) {
      for (const [name, path] of Object.entries(paths))
        took[name]?.push(await timed(server.url + path, cookie));
      took.plain?.push(await timed(`${plain.url}/`, cookie));
    }
    await plain.close();
    const middle = (name: string, of: 'ms' | 'cpuMs') => median((took[name] ?? []).map((each) => each[of]));
    for (const [name, page] of Object.entries(pages)) {
      page.ms = rounded(middle(name, 'ms'));
      page.cpuMs = rounded(middle(name, 'cpuMs'));
      page.firstMs = rounded(firsts[name] ?? 0);
      say(
        `${name}: ${page.ms} ms to the first byte (the first time ${page.firstMs}; ${page.cpuMs} ms of processor), ${page.bytes} bytes${page.ms > barMs ? ' (over the bar)' : ''}`,
      );
    }
    const reference = middle('plain', 'ms');
    const shown = await changesShown(server.url + at, server, Math.min(rounds, 10));
    say(
      `a change is saved after ${rounded(shown.saved)} ms and shown after ${rounded(shown.ms)} ms, ${rounded(shown.afterSaved)} ms of them for the preview`,
    );
    const ours = pages.edition?.ms ?? 0;
    // Who gets an edition is counted when its page is there already, and comes into it.
    const { who: counted, ...whole } = pages;
    const slowest = Math.max(...Object.values(whole).map(({ ms }) => ms));
    return {
      name: 'desk',
      ours: rounded(ours),
      oursUnit: 'ms to the first byte of an edition’s page',
      reference: rounded(reference),
      referenceUnit: 'ms, a bare Hono page of the same size',
      ratio: rounded(reference / ours),
      verdict: `the slowest page takes ${slowest} ms; who gets an edition is counted in ${counted?.ms} ms; a change is shown after ${rounded(shown.ms)} ms`,
      stories: rows,
      readers,
      pages,
      changeShownMs: rounded(shown.ms),
      savedMs: rounded(shown.saved),
      previewMs: rounded(shown.afterSaved),
    };
  } finally {
    await server.close();
  }
}

/** What asking for a page took. */
interface Timed {
  /** Milliseconds until the first byte of the page itself. */
  ms: number;
  /** Of them and of what follows, the processor time of this process, which is server and client. */
  cpuMs: number;
  bytes: number;
  status: number;
}

/** Asks for a page. */
function timed(url: string, cookie: string): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const cpu = process.cpuUsage();
    const asking = request(url, { headers: { cookie } }, (answer) => {
      let ms = 0;
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        ms ||= performance.now() - began;
        bytes += chunk.length;
      });
      answer.on('end', () => {
        const { user, system } = process.cpuUsage(cpu);
        resolve({ ms, cpuMs: (user + system) / 1000, bytes, status: answer.statusCode ?? 0 });
      });
      answer.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}

/** Moves stories in a browser. @returns medians, in milliseconds */
async function changesShown(
  address: string,
  { url, cookie }: DeskServer,
  rounds: number,
): Promise<{ ms: number; saved: number; afterSaved: number }> {
  const browser = await startBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.context().addCookies([{ ...cookie, url, sameSite: 'Lax' }]);
    await page.goto(address);
    await page.frameLocator('.pv-frame').locator('[id^="story-"]').first().waitFor();
    const all: { ms: number; saved: number; afterSaved: number }[] = [];
    // The first changes find the compiler cold.
    for (let round = -2; round < rounds; round++) {
      const one = await page.evaluate(
        (number) =>
          new Promise<{ ms: number; saved: number; afterSaved: number }>((resolve, reject) => {
            const button = document.querySelectorAll<HTMLButtonElement>('[id^="up-"]:not(:disabled)')[number];
            if (!button) return reject(new Error('there is nothing to move'));
            const began = performance.now();
            setTimeout(() => reject(new Error('the change was not shown')), 20_000);
            let saved = 0;
            document.addEventListener(
              'htmx:before:response',
              () => {
                saved = performance.now() - began;
              },
              { once: true },
            );
            document.addEventListener(
              'preview-shown',
              () =>
                resolve({
                  ms: performance.now() - began,
                  saved,
                  afterSaved: Number(document.querySelector<HTMLElement>('.pv-stage')?.dataset.took),
                }),
              { once: true },
            );
            button.click();
          }),
        (round + 2) % 4,
      );
      // What is checked after a change is done by then, as when somebody works at their own pace.
      await page.waitForTimeout(300);
      if (round >= 0) all.push(one);
    }
    return {
      ms: median(all.map(({ ms }) => ms)),
      saved: median(all.map(({ saved }) => saved)),
      afterSaved: median(all.map(({ afterSaved }) => afterSaved)),
    };
  } finally {
    await browser.close();
  }
}
