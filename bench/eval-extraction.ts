// `npm run eval:extraction -- FOLDER [--json]`: how well articles are taken out of pages, on a folder laid out as the public
// article-extraction-benchmark of Scrapinghub is: ground-truth.json and html/KEY.html.gz. Beside it in the same run: the
// library Readability alone. Texts are compared by their runs of four words, as that benchmark does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Readability } from '@mozilla/readability';
import { messageOf } from '../src/errors.ts';
import { parseHtml } from '../src/stories/html.ts';
import { parsePage } from '../src/stories/page.ts';

const [folder, ...flags] = process.argv.slice(2);
if (!folder || folder.startsWith('--')) {
  console.error('Usage: npm run eval:extraction -- FOLDER [--json]');
  process.exit(2);
}

let truth: Record<string, { articleBody?: string; url?: string }>;
try {
  truth = JSON.parse(readFileSync(join(folder, 'ground-truth.json'), 'utf8'));
} catch (error) {
  console.error(`${join(folder, 'ground-truth.json')} cannot be read: ${messageOf(error)}`);
  process.exit(1);
}

const readers: Record<string, (html: string, url?: string) => string> = {
  ours: (html, url) => {
    const { bodyText, dek } = parsePage(html, url);
    return bodyText ?? dek ?? '';
  },
  readability: (html) =>
    new Readability(parseHtml(html) as unknown as ConstructorParameters<typeof Readability>[0]).parse()
      ?.textContent ?? '',
};

const result = Object.fromEntries(
  Object.entries(readers).map(([name, read]) => {
    const shares: Shares[] = [];
    let failed = 0;
    for (const [key, { articleBody = '', url }] of Object.entries(truth)) {
      const html = gunzipSync(readFileSync(join(folder, 'html', `${key}.html.gz`))).toString('utf8');
      let text = '';
      try {
        text = read(html, url);
      } catch {
        failed++;
      }
      shares.push(compare(articleBody, text));
    }
    return [name, { ...scores(shares), failed }];
  }),
);
if (flags.includes('--json'))
  console.log(JSON.stringify({ folder, pages: Object.keys(truth).length, ...result }));
else
  for (const [name, { f1, precision, recall, failed }] of Object.entries(result))
    console.log(
      `${name.padEnd(12)} F1 ${f1.toFixed(3)}, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, without an article ${failed}`,
    );

/** Shares of the runs of four words of two texts: in both, in the second alone, in the first alone. */
interface Shares {
  both: number;
  extra: number;
  missing: number;
}

function compare(expected: string, found: string): Shares {
  const [one, other] = [runsOf(expected), runsOf(found)];
  const shares = { both: 0, extra: 0, missing: 0 };
  for (const run of new Set([...one.keys(), ...other.keys()])) {
    const [a, b] = [one.get(run) ?? 0, other.get(run) ?? 0];
    shares.both += Math.min(a, b);
    shares.extra += Math.max(0, b - a);
    shares.missing += Math.max(0, a - b);
  }
  const total = shares.both + shares.extra + shares.missing || 1;
  return { both: shares.both / total, extra: shares.extra / total, missing: shares.missing / total };
}

function runsOf(text: string): Map<string, number> {
  const words = text.match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
  const runs = new Map<string, number>();
  for (let at = 0; at < Math.max(Math.min(1, words.length), words.length - 3); at++) {
    const run = words.slice(at, at + 4).join(' ');
    runs.set(run, (runs.get(run) ?? 0) + 1);
  }
  return runs;
}

function scores(shares: Shares[]) {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
  const precision = mean(
    shares.filter(({ both, extra }) => both + extra > 0).map(({ both, extra }) => both / (both + extra)),
  );
  const recall = mean(
    shares
      .filter(({ both, missing }) => both + missing > 0)
      .map(({ both, missing }) => both / (both + missing)),
  );
  return { f1: (2 * precision * recall) / (precision + recall || 1), precision, recall };
}
